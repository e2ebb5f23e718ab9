import { createHash, createSign, generateKeyPairSync, type KeyObject, randomBytes } from "node:crypto";
import { isoCBOR } from "@simplewebauthn/server/helpers";

/** What a test may do otherwise than an honest authenticator and browser would. */
export interface Tampering {
  readonly origin?: string;
  readonly host?: string;
  readonly challenge?: string;
  readonly type?: string;
  readonly counter?: number;
  /** False: the person was there, and was not asked for a finger or a PIN. */
  readonly isVerified?: boolean;
  readonly userHandle?: string;
  readonly signature?: Buffer;
}

const b64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64url");
const sha256 = (bytes: string | Uint8Array): Buffer => createHash("sha256").update(bytes).digest();

/** An authenticator as WebAuthn describes it, with one passkey (ES256), together with the browser that talks to it. */
export class SoftAuthenticator {
  readonly id = randomBytes(32);
  private readonly key: { readonly publicKey: KeyObject; readonly privateKey: KeyObject } = generateKeyPairSync("ec", {
    namedCurve: "P-256",
  });
  private userHandle = "";
  private count = 0;

  constructor(
    private readonly origin: string,
    private readonly host = "localhost",
  ) {}

  // biome-ignore lint/suspicious/noExplicitAny: options as a browser is given them
  make(options: any, tampered: Tampering = {}) {
    this.userHandle = options.user.id;
    const { x = "", y = "" } = this.key.publicKey.export({ format: "jwk" });
    const coordinate = (text: string) => new Uint8Array(Buffer.from(text, "base64url"));
    const publicKey = isoCBOR.encode(
      new Map<number, number | Uint8Array>([
        [1, 2],
        [3, -7],
        [-1, 1],
        [-2, coordinate(x)],
        [-3, coordinate(y)],
      ]),
    );
    const length = Buffer.alloc(2);
    length.writeUInt16BE(this.id.length);
    const credential = Buffer.concat([Buffer.alloc(16), length, this.id, publicKey]);
    const authData = new Uint8Array(Buffer.concat([this.facts(0x40, tampered), credential]));
    const attestationObject = isoCBOR.encode(
      new Map<string, string | Uint8Array | Map<string, string>>([
        ["fmt", "none"],
        ["attStmt", new Map()],
        ["authData", authData],
      ]),
    );
    return {
      ...this.named(),
      response: {
        clientDataJSON: b64(this.client("webauthn.create", options, tampered)),
        attestationObject: b64(attestationObject),
        transports: ["internal"],
      },
    };
  }

  // biome-ignore lint/suspicious/noExplicitAny: options as a browser is given them
  sign(options: any, tampered: Tampering = {}) {
    this.count += 1;
    const authenticatorData = this.facts(0, tampered);
    const clientData = this.client("webauthn.get", options, tampered);
    const signature = createSign("SHA256")
      .update(Buffer.concat([authenticatorData, sha256(clientData)]))
      .sign(this.key.privateKey);
    return {
      ...this.named(),
      response: {
        clientDataJSON: b64(clientData),
        authenticatorData: b64(authenticatorData),
        signature: b64(tampered.signature ?? signature),
        userHandle: tampered.userHandle ?? this.userHandle,
      },
    };
  }

  private named() {
    const id = b64(this.id);
    return { id, rawId: id, type: "public-key", clientExtensionResults: {} };
  }

  private client(type: string, options: { readonly challenge: string }, tampered: Tampering): Buffer {
    const { challenge = options.challenge, origin = this.origin } = tampered;
    return Buffer.from(JSON.stringify({ type: tampered.type ?? type, challenge, origin, crossOrigin: false }));
  }

  private facts(more: number, { host = this.host, isVerified = true, counter = this.count }: Tampering): Buffer {
    const counted = Buffer.alloc(4);
    counted.writeUInt32BE(counter);
    return Buffer.concat([sha256(host), Buffer.from([0x01 | (isVerified ? 0x04 : 0) | more]), counted]);
  }
}
