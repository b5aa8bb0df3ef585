// The player: hls.js feeds the <video> that stands in the page, media-chrome controls it.

import "./renditions.js"; // first
import "./language.js"; // before the controls, which read it
import "./controls.js";
import { prefersAv1 } from "./codecs.js";
import Hls from "hls.js";

const HLS_TYPE = "application/vnd.apple.mpegurl";
const MOST_RECOVERIES = 2; // of a decoder, before we say that it does not play

const streams = new WeakMap(); // video → its Hls

export async function start(root) {
  const video = root.querySelector("video[data-video]");
  const at = video.currentTime;
  addStoryboard(root, video);
  if (navigator.vendor.startsWith("Apple") && video.canPlayType(HLS_TYPE)) {
    playNatively(root, video, at);
  } else if (Hls.isSupported()) {
    const av1 = await prefersAv1(root, video).catch(() => false);
    playWithHls(root, video, at, av1 ? root.dataset.av1 : root.dataset.hls);
  } else if (video.canPlayType(HLS_TYPE)) {
    playNatively(root, video, at);
  } else {
    fail(root);
    return;
  }
  await video.play();
  show(root, video);
}

function show(root, video) {
  const hadFocus = root.contains(document.activeElement);
  root.dataset.state = "playing";
  if (hadFocus) video.closest("media-controller").focus();
}

function fail(root) {
  const video = root.querySelector("video[data-video]");
  video.pause();
  root.dataset.state = "failed";
  root.querySelector(".player-retry").focus();
}

function playNatively(root, video, at) {
  if (root.dataset.watched) {
    video.load();
    if (at) video.currentTime = at;
  } else {
    root.dataset.watched = "yes";
    for (const element of [video, ...video.querySelectorAll("source")]) {
      element.addEventListener("error", () => fail(root));
    }
  }
}

function playWithHls(root, video, at, address) {
  for (const source of video.querySelectorAll("source")) source.remove();
  streams.get(video)?.destroy();
  const hls = new Hls({
    enableWorker: false, // nothing to transmux: our segments are CMAF already
    capLevelToPlayerSize: true,
    startPosition: at || -1,
    backBufferLength: 60,
  });
  streams.set(video, hls);
  let recoveries = 0;
  hls.on(Hls.Events.MANIFEST_PARSED, () => video.videoRenditions.show(hls));
  hls.on(Hls.Events.ERROR, (_event, error) => {
    if (!error.fatal) return;
    if (error.type === Hls.ErrorTypes.MEDIA_ERROR && recoveries < MOST_RECOVERIES) {
      recoveries += 1;
      hls.recoverMediaError();
    } else if (address !== root.dataset.hls) {
      delete root.dataset.av1; // it was too good to be true
      playWithHls(root, video, video.currentTime, root.dataset.hls);
      video.play();
    } else {
      hls.stopLoad();
      fail(root);
    }
  });
  hls.loadSource(address);
  hls.attachMedia(video);
}

function addStoryboard(root, video) {
  if (!root.dataset.storyboard || video.querySelector("track[label=thumbnails]")) return;
  const track = document.createElement("track");
  Object.assign(track, {
    kind: "metadata",
    label: "thumbnails",
    default: true,
    src: root.dataset.storyboard,
  });
  video.append(track);
}
