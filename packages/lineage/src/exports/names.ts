import { v5 } from "uuid";

/** Names of the platform's things as URIs: one file, so that documents of different formats speak of the same thing. */

/** UUIDs of runs and documents are derived from ids under this one, so that they are the same in every export. */
const NAMESPACE = "8f6f0f4e-6b3c-5a55-9d3e-2f4c1b7a9e10";

export const uuidOf = (id: string): string => v5(id, NAMESPACE);

/** Where models and datasets live, in the manner of hub addresses: `hf://host` + `ns/slug@n` or `datasets/ns/slug@n`. */
export const hubOf = (authority: string): string => `hf://${authority}`;

export const datasetName = (ref: string): string => `datasets/${ref}`;

export const modelUri = (authority: string, ref: string): string => `${hubOf(authority)}/${ref}`;

export const datasetUri = (authority: string, ref: string): string => `${hubOf(authority)}/${datasetName(ref)}`;

/** A name of the platform's own, such as of an institution, a cluster or a job. */
export const platformUri = (authority: string, ...parts: readonly string[]): string => `ziggurat://${[authority, ...parts].join("/")}`;

export const producerUri = (authority: string, release: string): string => platformUri(authority, "control-plane", release);
