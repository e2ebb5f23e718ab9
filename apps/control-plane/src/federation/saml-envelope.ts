import { createRequire } from "node:module";
import { SignInRefused } from "./asserted.js";

/** As much of the parser as is used here, which is the one that the library verifies with. Its own types bring those of browsers along. */
interface XmlElement {
  readonly localName: string;
  readonly childNodes: ArrayLike<object>;
  getAttribute(name: string): string;
  getElementsByTagNameNS(namespace: "*", name: string): ArrayLike<XmlElement>;
}
interface XmlDom {
  readonly DOMParser: new (settings: {
    readonly errorHandler: Readonly<Record<"warning" | "error" | "fatalError", () => void>>;
  }) => {
    parseFromString(xml: string, type: "text/xml"): { readonly documentElement: XmlElement | null };
  };
}
const require = createRequire(import.meta.url);
const { DOMParser }: XmlDom = require("@xmldom/xmldom");

const XMLENC = "http://www.w3.org/2001/04/xmlenc#";
const XMLENC11 = "http://www.w3.org/2009/xmlenc11#";
/**
 * What assertions may be encrypted by. RSA with the padding of PKCS#1 v1.5 is not among it: who may ask whether a text was padded well
 * learns what is in it. With the block cipher in CBC, which most providers use, the signature within tells what was altered.
 */
const METHODS = new Set([
  `${XMLENC11}aes256-gcm`,
  `${XMLENC11}aes128-gcm`,
  `${XMLENC}aes256-cbc`,
  `${XMLENC}aes128-cbc`,
  `${XMLENC}rsa-oaep-mgf1p`,
]);

/** What a response is on the outside; nothing of it is proven. */
export interface SamlEnvelope {
  /** Whether it says that it answers a request. */
  readonly isAnswer: boolean;
  /** Whether all that it asserts is encrypted. */
  readonly isEncrypted: boolean;
}

/** Looks at a response before anything is done with it. @throws SignInRefused for one that is not read further */
export function envelopeOf(samlResponse: string): SamlEnvelope {
  const xml = Buffer.from(samlResponse, "base64").toString("utf8");
  // No provider needs one, and what entities do to parsers is better not found out.
  if (/<!doctype/i.test(xml)) throw new SignInRefused("assertion", "a document type");
  const root = rootOf(xml);
  if (root?.localName !== "Response") throw new SignInRefused("assertion", "no response");
  const methods = Array.from(root.getElementsByTagNameNS("*", "EncryptionMethod"));
  const strange = methods.find((method) => !METHODS.has(method.getAttribute("Algorithm") ?? ""));
  if (strange !== undefined) throw new SignInRefused("assertion", "an encryption that is not taken");
  const names = Array.from(root.childNodes).map((child) => ("localName" in child ? String(child.localName) : ""));
  return {
    isAnswer: (root.getAttribute("InResponseTo") ?? "") !== "",
    isEncrypted: names.includes("EncryptedAssertion") && !names.includes("Assertion"),
  };
}

function rootOf(xml: string): XmlElement | null {
  const broken = (): never => {
    throw new SignInRefused("assertion", "no XML");
  };
  if (xml.trim() === "") return broken();
  return new DOMParser({ errorHandler: { warning: () => undefined, error: broken, fatalError: broken } }).parseFromString(xml, "text/xml")
    .documentElement;
}
