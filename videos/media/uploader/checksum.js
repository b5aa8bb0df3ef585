// Beside the page: reads a file in small pieces and answers with its SHA-256.

import { sha256 } from "@noble/hashes/sha2.js";

const PIECE = 4 * 1024 * 1024;

onmessage = async ({ data: file }) => {
  try {
    const sum = sha256.create();
    for (let start = 0; start < file.size; start += PIECE) {
      sum.update(new Uint8Array(await file.slice(start, start + PIECE).arrayBuffer()));
    }
    const bytes = sum.digest();
    postMessage({
      sha256: Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join(""),
    });
  } catch (error) {
    postMessage({ error: String(error) });
  }
};
