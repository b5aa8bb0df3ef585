// Whether this browser plays a set in AV1 better than it would the one in H.264.

// Decoding in hardware alone: what AV1 saves of the line, a processor would spend of the battery.
export async function prefersAv1(root, video) {
  const { av1, av1Codec, av1Bitrate } = root.dataset;
  const contentType = `video/mp4; codecs="${av1Codec}"`;
  if (!av1 || !window.MediaSource?.isTypeSupported(contentType)) return false;
  if (!navigator.mediaCapabilities) return false;
  const { width, height } = video;
  const { supported, smooth, powerEfficient } = await navigator.mediaCapabilities.decodingInfo({
    type: "media-source",
    video: { contentType, width, height, bitrate: Number(av1Bitrate), framerate: 30 },
  });
  return supported && smooth && powerEfficient;
}
