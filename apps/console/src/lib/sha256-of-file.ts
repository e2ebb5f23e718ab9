import { z } from "zod";

const WHOLE_BYTES = 8 * 1024 * 1024;
const WorkerAnswer = z.union([z.object({ hashed: z.number() }), z.object({ digest: z.string() })]);

/** Digest of a file as 64 hex digits. Small files at once; larger ones in parts beside the page, with bytes done so far. */
export async function sha256OfFile(file: File, onHashed: (bytes: number) => void, signal: AbortSignal): Promise<string> {
  if (file.size <= WHOLE_BYTES && crypto.subtle !== undefined) {
    const digest = await crypto.subtle.digest("SHA-256", await file.arrayBuffer());
    onHashed(file.size);
    return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }
  const worker = new Worker(new URL("./hash-worker.ts", import.meta.url), { type: "module" });
  try {
    return await new Promise<string>((resolve, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
      worker.onerror = (event) => reject(new Error(event.message));
      worker.onmessage = (message: MessageEvent<unknown>) => {
        const answer = WorkerAnswer.parse(message.data);
        if ("digest" in answer) resolve(answer.digest);
        else onHashed(answer.hashed);
      };
      worker.postMessage(file);
    });
  } finally {
    worker.terminate();
  }
}
