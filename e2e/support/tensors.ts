/** A safetensors file of float32 zeros: an 8-byte little-endian header length, the JSON header, the data. */
export function tensors(shapes: Readonly<Record<string, readonly number[]>>): Buffer {
  let end = 0;
  const header = Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => {
      const start = end;
      end += 4 * shape.reduce((product, size) => product * size, 1);
      return [name, { dtype: "F32", shape, data_offsets: [start, end] }];
    }),
  );
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(json.length));
  return Buffer.concat([length, json, Buffer.alloc(end)]);
}
