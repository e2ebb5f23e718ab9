const PICKLE_PROTOCOLS = [2, 3, 4, 5];

/**
 * Names the format of bytes that would run code when loaded, or null. Looks at what the file is, not at what it is called:
 * a pickle (protocol 2 and later), or an archive with a pickle inside, as torch writes it.
 */
export function sniffExecutable(start: Uint8Array): string | null {
  const [first = 0, second = 0] = start;
  if (first === 0x80 && PICKLE_PROTOCOLS.includes(second)) return "a pickle";
  const text = Buffer.from(start.buffer, start.byteOffset, start.length).toString("latin1");
  if (text.startsWith("PK\u0003\u0004") && /\.p(?:kl|ickle)/.test(text)) return "an archive with a pickle inside";
  return text.startsWith("\u0089HDF\r\n") ? "an HDF5 file" : null;
}
