import { Controller, Get, Header, Param } from "@nestjs/common";
import { ApiOkResponse, ApiTags } from "@nestjs/swagger";
import { Sha256, SIGNATURE_MEDIA_TYPE } from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../../platform/database/viewer.js";
import { Public, RequireScope } from "../../platform/http/access.js";
import { CurrentViewer } from "../../platform/http/current-viewer.js";
import { VersionPath } from "../versions/versions.controller.js";
import { ReleaseSignatures } from "./release-signatures.service.js";

const KeyPath = z.strictObject({ keyId: Sha256 });
const PEM = "application/x-pem-file";

@ApiTags("signatures")
@Controller("api/v1")
export class SignaturesController {
  constructor(private readonly signatures: ReleaseSignatures) {}

  @Get("models/:namespace/:slug/versions/:number/signature")
  @RequireScope("models:read")
  @ApiOkResponse({ description: "OpenSSF Model Signing bundle", content: { [SIGNATURE_MEDIA_TYPE]: {} } })
  @Header("content-type", SIGNATURE_MEDIA_TYPE)
  @Header("content-disposition", 'attachment; filename="model.sig"')
  async get(@CurrentViewer() viewer: Viewer, @Param({ schema: VersionPath }) path: VersionPath): Promise<Buffer> {
    return Buffer.from(await this.signatures.get(viewer, path));
  }

  /** Public, because whoever was handed a model must be able to check it. */
  @Get("keys/model-signing")
  @Public()
  @ApiOkResponse({ description: "Public key that releases are signed with now", content: { [PEM]: {} } })
  @Header("content-type", PEM)
  key(): Promise<string> {
    return this.signatures.publicKey();
  }

  @Get("keys/model-signing/:keyId")
  @Public()
  @ApiOkResponse({ description: "Public key that releases were signed with", content: { [PEM]: {} } })
  @Header("content-type", PEM)
  keyById(@Param({ schema: KeyPath }) { keyId }: z.infer<typeof KeyPath>): Promise<string> {
    return this.signatures.publicKey(keyId);
  }
}
