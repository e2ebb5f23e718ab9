import { join, normalize } from "node:path";
import { Inject, Injectable } from "@nestjs/common";
import type { ImportSource as SourceRequest, Violation } from "@ziggurat/contracts";
import { CONFIG, type Config } from "../../platform/config.js";
import { PLATFORM_SLUG } from "../../platform/database/ids.js";
import { Outgoing } from "../../platform/outgoing/outgoing.js";
import { DirectorySource, isWithin } from "./directory-source.js";
import { HubSource } from "./hub-source.js";
import { type ImportSource, SourceFailure } from "./import-source.js";

type Of<K extends SourceRequest["kind"]> = Extract<SourceRequest, { kind: K }>;

/**
 * Which sources the operator opened, and to whom. Folders and buckets are read with the platform's own rights, so an institution reaches
 * only the part that carries its name; the platform's own hub token goes only with imports of the platform's people.
 */
@Injectable()
export class Sources {
  constructor(
    @Inject(CONFIG) private readonly config: Pick<Config, "imports">,
    private readonly outgoing: Outgoing,
  ) {}

  /** Why this source is not open to this institution. Pointers lead into the request. */
  objections(source: SourceRequest, institution: string): Violation[] {
    switch (source.kind) {
      case "directory":
        return this.folderOf(source, institution) === null ? [refusal("/source/path", this.whyNoFolder(institution))] : [];
      case "huggingface":
        return this.endpointObjections(this.hubOf(source));
      case "s3":
        return [
          ...this.bucketObjections(source, institution),
          ...(source.endpoint === undefined ? [] : this.endpointObjections(withoutFinalSlash(source.endpoint))),
        ];
    }
  }

  /** @throws SourceFailure `refused` when the operator closed it since it was asked for */
  async open(source: SourceRequest, institution: string): Promise<ImportSource> {
    const violations = this.objections(source, institution);
    if (violations.length > 0) throw new SourceFailure("refused", violations.map(({ detail }) => detail).join("; "), { violations });
    switch (source.kind) {
      case "directory": {
        const folder = this.folderOf(source, institution);
        if (folder === null) throw new SourceFailure("refused", this.whyNoFolder(institution));
        return new DirectorySource(folder.root, folder.path);
      }
      case "huggingface":
        return new HubSource(
          this.outgoing,
          this.hubOf(source),
          source.repo,
          source.revision,
          this.tokenFor(this.hubOf(source), institution),
        );
      case "s3": {
        // Its client is large, and most processes never need it.
        const { S3Source } = await import("./s3-source.js");
        return new S3Source(source, this.outgoing.nodeAgents("listed", source.endpoint ?? null));
      }
    }
  }

  private folderOf({ path }: Of<"directory">, institution: string): { readonly root: string; readonly path: string } | null {
    const wanted = normalize(path);
    const root = this.rootsOf(institution).find((candidate) => isWithin(candidate, wanted));
    return root === undefined ? null : { root, path: wanted };
  }

  private rootsOf(institution: string): readonly string[] {
    const { roots } = this.config.imports;
    return institution === PLATFORM_SLUG ? roots : roots.map((root) => join(root, institution));
  }

  private whyNoFolder(institution: string): string {
    const roots = this.rootsOf(institution);
    return roots.length === 0
      ? "no folder of this machine is open to imports; the operator opens some with ZIGGURAT_IMPORT_ROOTS"
      : `only folders below ${roots.join(", ")} are open to ${institution}; the operator opens more with ZIGGURAT_IMPORT_ROOTS`;
  }

  private bucketObjections({ bucket, prefix }: Of<"s3">, institution: string): Violation[] {
    if (!this.config.imports.buckets.includes(bucket)) {
      return [refusal("/source/bucket", `the bucket ${bucket} is not open to imports; the operator opens it with ZIGGURAT_IMPORT_BUCKETS`)];
    }
    const isStraight = !prefix.split("/").includes("..");
    const isOwn = institution === PLATFORM_SLUG || prefix === institution || prefix.startsWith(`${institution}/`);
    return isOwn && isStraight ? [] : [refusal("/source/prefix", `only the prefix ${institution}/ of a bucket is open to ${institution}`)];
  }

  private endpointObjections(endpoint: string): Violation[] {
    if (this.config.imports.endpoints.includes(endpoint)) return [];
    return [refusal("/source/endpoint", `${endpoint} is not open to imports; the operator opens it with ZIGGURAT_IMPORT_ENDPOINTS`)];
  }

  private hubOf({ endpoint }: Of<"huggingface">): string {
    return endpoint === undefined ? this.config.imports.hub.endpoint : withoutFinalSlash(endpoint);
  }

  /** A token is a secret between the platform and one hub: no other endpoint sees it, and no institution reads with the platform's rights. */
  private tokenFor(endpoint: string, institution: string): string | null {
    const { hub } = this.config.imports;
    return endpoint === hub.endpoint && institution === PLATFORM_SLUG ? hub.token : null;
  }
}

function refusal(pointer: string, detail: string): Violation {
  return { code: "source_closed", detail, pointer };
}

function withoutFinalSlash(url: string): string {
  return new URL(url).href.replace(/\/+$/, "");
}
