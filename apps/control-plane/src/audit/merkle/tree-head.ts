import { hash, type KeyObject, sign, verify } from "node:crypto";

export interface TreeHead {
  readonly institutionId: string;
  readonly size: number;
  readonly root: Buffer;
}

const ED25519 = Buffer.from([1]);

/**
 * A signed tree head as a C2SP checkpoint (`tlog-checkpoint`): a signed note of origin, size and root, so that tools of other
 * transparency logs read it too.
 */
export function signTreeHead(head: TreeHead, privateKey: KeyObject, publicKey: KeyObject): string {
  const body = bodyOf(head);
  const signature = Buffer.concat([keyIdOf(originOf(head), publicKey), sign(null, Buffer.from(body), privateKey)]);
  return `${body}\n\u2014 ${originOf(head)} ${signature.toString("base64")}\n`;
}

/** Whether the note says exactly this head, signed by this key. */
export function isTreeHeadSignedBy(note: string, head: TreeHead, publicKey: KeyObject): boolean {
  const body = bodyOf(head);
  const prefix = `${body}\n\u2014 ${originOf(head)} `;
  if (!note.startsWith(prefix) || !note.endsWith("\n")) return false;
  const signature = Buffer.from(note.slice(prefix.length, -1), "base64");
  return (
    signature.subarray(0, 4).equals(keyIdOf(originOf(head), publicKey)) && verify(null, Buffer.from(body), publicKey, signature.subarray(4))
  );
}

/** Also the name of the key in the note. */
export function originOf({ institutionId }: Pick<TreeHead, "institutionId">): string {
  return `ziggurat/audit/${institutionId}`;
}

function bodyOf(head: TreeHead): string {
  return `${originOf(head)}\n${head.size}\n${head.root.toString("base64")}\n`;
}

/** C2SP signed-note: the first four bytes of SHA-256 over name, newline, algorithm and raw public key. */
function keyIdOf(name: string, publicKey: KeyObject): Buffer {
  const raw = publicKey.export({ type: "spki", format: "der" }).subarray(-32);
  return hash("sha256", Buffer.concat([Buffer.from(`${name}\n`), ED25519, raw]), "buffer").subarray(0, 4);
}
