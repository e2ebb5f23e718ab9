import { Readable } from "node:stream";
import { Body, Controller, Get, HttpCode, Param, Post, Query, Res } from "@nestjs/common";
import { ApiProduces, ApiResponse, ApiTags } from "@nestjs/swagger";
import {
  AuditEntry,
  AuditVerification,
  ExportAudit,
  idOf,
  ListAudit,
  type Page,
  pageOf,
  StartAuditVerification,
  VerificationRun,
} from "@ziggurat/contracts";
import type { FastifyReply } from "fastify";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { Public, RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { PlatformKeys } from "../platform/keys/platform-keys.js";
import { AuditService } from "./audit.service.js";
import { AuditExport } from "./export/audit-export.service.js";
import { Verifications } from "./verifications/verifications.service.js";

const EntryPath = z.strictObject({ id: idOf("audit") });
const VerificationPath = z.strictObject({ id: idOf("auditVerification") });

@ApiTags("audit")
@RequireScope("audit:read")
@Controller("api/v1/audit")
export class AuditController {
  constructor(
    private readonly service: AuditService,
    private readonly verifications: Verifications,
    private readonly exporting: AuditExport,
    private readonly keys: PlatformKeys,
  ) {}

  @Get()
  @ApiResponse({ status: 200, standardSchema: pageOf(AuditEntry) })
  list(@CurrentViewer() viewer: Viewer, @Query({ schema: ListAudit }) query: ListAudit): Promise<Page<AuditEntry>> {
    return this.service.list(viewer, query);
  }

  @Get("entries/:id")
  @ApiResponse({ status: 200, standardSchema: AuditEntry })
  entry(@CurrentViewer() viewer: Viewer, @Param({ schema: EntryPath }) path: z.infer<typeof EntryPath>): Promise<AuditEntry> {
    return this.service.entry(viewer, path.id);
  }

  @Get("verify")
  @ApiResponse({ status: 200, standardSchema: AuditVerification })
  verify(@CurrentViewer() viewer: Viewer): Promise<AuditVerification> {
    return this.service.verify(viewer);
  }

  @Post("verifications")
  @HttpCode(202)
  @ApiResponse({ status: 202, standardSchema: VerificationRun })
  start(
    @CurrentViewer() viewer: Viewer,
    @Body({ schema: StartAuditVerification.prefault({}) }) body: StartAuditVerification,
  ): Promise<VerificationRun> {
    return this.verifications.start(viewer, body.chain ?? null);
  }

  @Get("verifications/:id")
  @ApiResponse({ status: 200, standardSchema: VerificationRun })
  verification(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: VerificationPath }) path: z.infer<typeof VerificationPath>,
  ): Promise<VerificationRun> {
    return this.verifications.get(viewer, path.id);
  }

  /** JSON lines with a proof each, and a last line that signs them all. */
  @Get("export")
  @ApiProduces("application/jsonl")
  async export(
    @CurrentViewer() viewer: Viewer,
    @Query({ schema: ExportAudit }) query: ExportAudit,
    @Res() reply: FastifyReply,
  ): Promise<void> {
    const lines = await this.exporting.open(viewer, query);
    const name = `audit-${query["filter[chain]"] ?? viewer.institutionSlug}-${new Date().toISOString().replace(/[-:]|\.\d+/g, "")}.jsonl`;
    return reply
      .type("application/jsonl")
      .headers({ "content-disposition": `attachment; filename="${name}"`, "cache-control": "no-store" })
      .send(Readable.from(lines));
  }

  /** The key that every export and signed head is checked with. Public, since an auditor checks without an account. */
  @Get("key")
  @Public()
  @ApiProduces("application/x-pem-file")
  async key(@Res() reply: FastifyReply): Promise<void> {
    return reply.type("application/x-pem-file").send(this.keys.auditPublicKey.export({ type: "spki", format: "pem" }));
  }
}
