import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

const CHUNK_BYTES = 4 * 1024 * 1024;

self.onmessage = async (message: MessageEvent<File>) => {
  const file = message.data;
  const hash = sha256.create();
  for (let offset = 0; offset < file.size; offset += CHUNK_BYTES) {
    hash.update(new Uint8Array(await file.slice(offset, offset + CHUNK_BYTES).arrayBuffer()));
    self.postMessage({ hashed: Math.min(offset + CHUNK_BYTES, file.size) });
  }
  self.postMessage({ digest: bytesToHex(hash.digest()) });
};
