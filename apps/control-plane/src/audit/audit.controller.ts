import { Controller, Get, Query } from "@nestjs/common";
import { ApiResponse } from "@nestjs/swagger";
import { AuditEntry, AuditVerification, ListAudit, type Page, pageOf } from "@ziggurat/contracts";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { AuditService } from "./audit.service.js";

@RequireScope("audit:read")
@Controller("api/v1/audit")
export class AuditController {
  constructor(private readonly service: AuditService) {}

  @Get()
  @ApiResponse({ status: 200, standardSchema: pageOf(AuditEntry) })
  list(@CurrentViewer() viewer: Viewer, @Query({ schema: ListAudit }) query: ListAudit): Promise<Page<AuditEntry>> {
    return this.service.list(viewer, query);
  }

  @Get("verify")
  @ApiResponse({ status: 200, standardSchema: AuditVerification })
  verify(@CurrentViewer() viewer: Viewer): Promise<AuditVerification> {
    return this.service.verify(viewer);
  }
}
