// Uppy, set up for the place where the studio keeps its footage.

import AwsS3 from "@uppy/aws-s3";
import Uppy from "@uppy/core";
import Tus from "@uppy/tus";

import { ask, headers } from "./server.js";

const RETRIES = [300, 1000, 3000]; // then the page says that the connection is away, and goes on

/** Uppy with tus, for the studio's own disk: one file after the other, in pieces of `chunkSize`. */
function overTus(chunkSize) {
  return new Uppy().use(Tus, {
    chunkSize,
    headers,
    limit: 1,
    retryDelays: RETRIES,
    storeFingerprintForResuming: false, // the studio knows what is unfinished
    allowedMetaFields: [],
  });
}

/**
 * Uppy with signed parts, for S3. Parts go to S3; what is there is asked of the studio, which
 * completes them itself. `uploads` has the announced upload of each key.
 */
function overS3(uploads) {
  const partBytes = new Map();
  const uppy = new Uppy().use(AwsS3, {
    limit: 2,
    allowedMetaFields: [],
    shouldUseMultipart: true,
    getChunkSize: ({ size }) => partBytes.get(size),
    signRequest: async ({ method, key, partNumber }) => {
      const { url } = uploads.get(key);
      if (method === "PUT") return ask("POST", `${url}sign/`, { part: partNumber });
      if (method === "DELETE") throw new Error("The studio gives it up itself.");
      return { url: `${url}parts/`, headers: headers() };
    },
  });
  return { uppy, learn: ({ bytes, part_bytes: each }) => partBytes.set(bytes, each) };
}

/** Sends files. `events` hears of progress, success and failure of each key. */
export class Sending {
  constructor(chunkSize, events) {
    this.chunkSize = chunkSize;
    this.events = events;
    this.uploads = new Map();
    this.ids = new Map();
  }

  start(place) {
    if (this.uppy) return;
    if (place === "s3") Object.assign(this, overS3(this.uploads));
    else this.uppy = overTus(this.chunkSize);
    const key = (file) => file.meta.key;
    this.uppy.on("upload-progress", (file, { bytesUploaded }) => {
      if (file) this.events.progress(key(file), bytesUploaded);
    });
    this.uppy.on("upload-success", (file) => this.events.success(key(file)));
    this.uppy.on("upload-error", (file, error, response) => {
      const status = response?.status ?? error?.status ?? error?.cause?.status;
      if (file && this.uppy.getFile(file.id)) this.events.failure(key(file), status, error);
    });
  }

  /** Goes on with an announced upload, from where the studio says. */
  add(upload, file) {
    this.start(upload.place);
    const { key } = upload;
    this.uploads.set(key, upload);
    this.learn?.(upload);
    const meta = { key, relativePath: key }; // so that two files of one name are two
    const id = this.uppy.addFile({ name: file.name, type: file.type, data: file, meta });
    this.ids.set(key, id);
    const how =
      upload.place === "s3"
        ? { s3Multipart: { key, uploadId: key } }
        : { tus: { uploadUrl: new URL(`${upload.url}tus/`, window.location.href).href } };
    this.uppy.setFileState(id, how);
    this.uppy.upload().catch(() => {}); // what fails is told by its event
  }

  pause(key, paused) {
    const id = this.ids.get(key);
    if (Boolean(this.uppy.getFile(id).isPaused) !== paused) this.uppy.pauseResume(id);
  }

  /** Tries again after a failure. */
  retry(key) {
    this.uppy.retryUpload(this.ids.get(key)).catch(() => {});
  }

  remove(key) {
    const id = this.ids.get(key);
    this.ids.delete(key);
    if (id && this.uppy.getFile(id)) this.uppy.removeFile(id);
  }
}
