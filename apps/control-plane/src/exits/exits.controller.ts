import { Body, Controller, Get, HttpCode, Param, Post, Req, Res } from "@nestjs/common";
import { ApiProduces, ApiResponse, ApiTags } from "@nestjs/swagger";
import {
  ApproveExit,
  CancelExit,
  CertificateKey,
  ExitPreview,
  InstitutionExit,
  InstitutionExport,
  InstitutionExportId,
  SignedCertificate,
  Slug,
  StartExit,
} from "@ziggurat/contracts";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { Public, RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { downloadRange } from "../registry/blobs/byte-ranges.js";
import { Exits } from "./exits.service.js";
import { InstitutionExports } from "./exports.service.js";

const LeaverPath = z.strictObject({ slug: Slug });
type LeaverPath = z.infer<typeof LeaverPath>;
const ExportPath = z.strictObject({ slug: Slug, id: InstitutionExportId });
type ExportPath = z.infer<typeof ExportPath>;

@ApiTags("institutions")
@Controller("api/v1/institutions/:slug/exit")
export class ExitsController {
  constructor(
    private readonly exits: Exits,
    private readonly exports: InstitutionExports,
  ) {}

  @Get()
  @RequireScope("institutions:read")
  @ApiResponse({ status: 200, standardSchema: InstitutionExit })
  get(@CurrentViewer() viewer: Viewer, @Param({ schema: LeaverPath }) { slug }: LeaverPath): Promise<InstitutionExit> {
    return this.exits.get(viewer, slug);
  }

  @Post("preview")
  @HttpCode(200)
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: ExitPreview })
  preview(@CurrentViewer() viewer: Viewer, @Param({ schema: LeaverPath }) { slug }: LeaverPath): Promise<ExitPreview> {
    return this.exits.preview(viewer, slug);
  }

  @Post("start")
  @HttpCode(200)
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: InstitutionExit })
  start(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: LeaverPath }) { slug }: LeaverPath,
    @Body({ schema: StartExit }) body: StartExit,
  ): Promise<InstitutionExit> {
    return this.exits.start(viewer, slug, body);
  }

  @Post("approve")
  @HttpCode(200)
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: InstitutionExit })
  approve(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: LeaverPath }) { slug }: LeaverPath,
    @Body({ schema: ApproveExit }) body: ApproveExit,
  ): Promise<InstitutionExit> {
    return this.exits.approve(viewer, slug, body);
  }

  @Post("cancel")
  @HttpCode(200)
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: InstitutionExit })
  cancel(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: LeaverPath }) { slug }: LeaverPath,
    @Body({ schema: CancelExit }) body: CancelExit,
  ): Promise<InstitutionExit> {
    return this.exits.cancel(viewer, slug, body);
  }

  @Get("certificate")
  @RequireScope("institutions:read")
  @ApiResponse({ status: 200, standardSchema: SignedCertificate })
  certificate(@CurrentViewer() viewer: Viewer, @Param({ schema: LeaverPath }) { slug }: LeaverPath): Promise<SignedCertificate> {
    return this.exits.certificate(viewer, slug);
  }

  @Post("exports")
  @HttpCode(202)
  @RequireScope("institutions:write")
  @ApiResponse({ status: 202, standardSchema: InstitutionExport })
  requestExport(@CurrentViewer() viewer: Viewer, @Param({ schema: LeaverPath }) { slug }: LeaverPath): Promise<InstitutionExport> {
    return this.exports.request(viewer, slug);
  }

  @Get("exports/:id")
  @RequireScope("institutions:read")
  @ApiResponse({ status: 200, standardSchema: InstitutionExport })
  getExport(@CurrentViewer() viewer: Viewer, @Param({ schema: ExportPath }) { slug, id }: ExportPath): Promise<InstitutionExport> {
    return this.exports.get(viewer, slug, id);
  }

  @Post("exports/:id/cancel")
  @HttpCode(200)
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: InstitutionExport })
  cancelExport(@CurrentViewer() viewer: Viewer, @Param({ schema: ExportPath }) { slug, id }: ExportPath): Promise<InstitutionExport> {
    return this.exports.cancel(viewer, slug, id);
  }

  /** The archive: whole, or one range of it, so that a download of tens of GiB is gone on with. */
  @Get("exports/:id/archive")
  @RequireScope("institutions:write")
  @ApiProduces("application/x-tar")
  async archive(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: ExportPath }) { slug, id }: ExportPath,
    @Req() request: FastifyRequest,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const archive = await this.exports.open(viewer, slug, id);
    const etag = `"${archive.id}"`;
    const condition = request.headers["if-range"];
    const range = downloadRange(condition === undefined || condition === etag ? request.headers.range : undefined, archive.size);
    if (range !== null) reply.status(206).header("content-range", `bytes ${range.first}-${range.last}/${archive.size}`);
    return reply
      .type("application/x-tar")
      .headers({
        etag,
        "accept-ranges": "bytes",
        "cache-control": "no-store",
        "content-length": String(range === null ? archive.size : range.last - range.first + 1),
        "content-disposition": `attachment; filename="${archive.fileName}"`,
      })
      .send(archive.read(range));
  }
}

const CertificatePath = z.strictObject({ key: CertificateKey });

@ApiTags("institutions")
@Controller("api/v1/erasure-certificates/:key")
export class ErasureCertificatesController {
  constructor(private readonly exits: Exits) {}

  /** For whoever was given the address while the institution was still here: nobody of it can sign in any more. */
  @Get()
  @Public()
  @ApiResponse({ status: 200, standardSchema: SignedCertificate })
  get(@Param({ schema: CertificatePath }) { key }: z.infer<typeof CertificatePath>): Promise<SignedCertificate> {
    return this.exits.certificateBy(key);
  }
}
