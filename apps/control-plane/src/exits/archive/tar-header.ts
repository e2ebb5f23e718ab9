const BLOCK = 512;

/**
 * The header of one plain file in a tar archive (ustar). Owner, mode and date are fixed: the same contents are the same bytes. Written by
 * hand because an archive of tens of GiB is gone on with in the middle after a kill, for which the libraries that pack a stream have no way.
 * @param path of at most 100 bytes
 */
export function tarHeader(path: string, sizeBytes: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  if (Buffer.byteLength(path) > 100) throw new Error(`${path} is too long for an archive`);
  header.write(path, 0);
  header.write("0000644\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  writeSize(header, sizeBytes);
  header.write("00000000000\0", 136);
  header.write("        ", 148);
  header.write("0", 156);
  header.write("ustar\x0000", 257);
  let sum = 0;
  for (const byte of header) sum += byte;
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return header;
}

/** Eleven octal digits reach to 8 GiB; beyond, the size is a binary number, as GNU tar writes it. */
function writeSize(header: Buffer, sizeBytes: number): void {
  if (sizeBytes < 8 ** 11) {
    header.write(`${sizeBytes.toString(8).padStart(11, "0")}\0`, 124);
    return;
  }
  header.writeUInt8(0x80, 124);
  header.writeBigUInt64BE(BigInt(sizeBytes), 128);
}

/** Zeros behind a file of this size, up to the next whole block. */
export function tarPadding(sizeBytes: number): Buffer {
  return Buffer.alloc((BLOCK - (sizeBytes % BLOCK)) % BLOCK);
}

/** What ends an archive. */
export const TAR_END = Buffer.alloc(2 * BLOCK);
