import { useCallback, useEffect, useReducer, useRef } from "react";
import { sha256OfFile } from "../lib/sha256-of-file.js";
import { uploadBlob } from "../lib/upload.js";
import { type FileUpload, reduceUploads } from "../lib/upload-state.js";

/** Files a person chose, sent one after another: hashed here, then uploaded under their digest. Leaving the page stops them. */
export function useUploads() {
  const [uploads, dispatch] = useReducer(reduceUploads, []);
  const files = useRef(new Map<string, File>());
  const queue = useRef<Promise<void>>(Promise.resolve());
  const stop = useRef(new AbortController());
  useEffect(() => {
    stop.current = new AbortController();
    return () => stop.current.abort();
  }, []);

  const start = useCallback((upload: Pick<FileUpload, "id">) => {
    const { signal } = stop.current;
    queue.current = queue.current.then(async () => {
      const file = files.current.get(upload.id);
      if (!file || signal.aborted) return;
      const move = (patch: Partial<Omit<FileUpload, "id">>) => dispatch({ type: "moved", id: upload.id, patch });
      try {
        move({ phase: "hashing", doneBytes: 0, error: null });
        const sha256 = await sha256OfFile(file, (doneBytes) => move({ doneBytes }), signal);
        move({ phase: "sending", doneBytes: 0, sha256 });
        await uploadBlob(file, sha256, (doneBytes) => move({ doneBytes }), signal);
        move({ phase: "done", doneBytes: file.size });
      } catch (error) {
        if (!signal.aborted) move({ phase: "failed", error });
      }
    });
  }, []);

  const add = useCallback(
    (chosen: readonly File[]) => {
      const added = chosen.map((file): FileUpload => {
        const id = crypto.randomUUID();
        files.current.set(id, file);
        const path = file.webkitRelativePath ? file.webkitRelativePath.split("/").slice(1).join("/") : file.name;
        return { id, path, sizeBytes: file.size, phase: "waiting", doneBytes: 0, sha256: null, error: null };
      });
      dispatch({ type: "added", uploads: added });
      for (const upload of added) start(upload);
    },
    [start],
  );
  const remove = useCallback((id: string) => {
    files.current.delete(id);
    dispatch({ type: "removed", id });
  }, []);
  const rename = useCallback((id: string, path: string) => dispatch({ type: "moved", id, patch: { path } }), []);
  return { uploads, add, remove, rename, retry: (id: string) => start({ id }) };
}
