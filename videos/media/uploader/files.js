// What the uploader reads of a file itself: by what it is found again, and its checksum.

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

const SAMPLE = 1024 * 1024;

/**
 * Tells a file from others, whatever it is called now: its size, and its first, middle and last MiB.
 * A phone gives the same film another name and day each time.
 */
export async function fingerprint(file) {
  const sum = sha256.create();
  for (const start of [0, Math.floor(file.size / 2), Math.max(0, file.size - SAMPLE)]) {
    sum.update(new Uint8Array(await file.slice(start, start + SAMPLE).arrayBuffer()));
  }
  return `1-${file.size}-${bytesToHex(sum.digest())}`;
}

/** The checksum of a file, taken by a worker at `address`; ended by the signal. */
export function checksum(file, address, signal) {
  return new Promise((resolve, reject) => {
    const worker = new Worker(address, { type: "module" });
    const end = (settle, value) => {
      worker.terminate();
      settle(value);
    };
    signal.addEventListener("abort", () => end(reject, new Error("given up")));
    worker.onmessage = ({ data }) =>
      data.sha256 ? end(resolve, data.sha256) : end(reject, new Error(data.error));
    worker.onerror = (event) => end(reject, new Error(event.message));
    worker.postMessage(file);
  });
}
