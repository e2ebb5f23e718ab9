import { Body, Controller, Get, HttpCode, Param, Post, Query } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import {
  DecideQuota,
  idOf,
  ListQuotaProposals,
  type Page,
  PreviewQuota,
  ProposeQuota,
  pageOf,
  Quota,
  QuotaEffect,
  QuotaProposal,
  Slug,
} from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { QuotaProposals } from "./quota-proposals.service.js";
import { Quotas } from "./quotas.service.js";

const QuotaPath = z.strictObject({ slug: Slug });
type QuotaPath = z.infer<typeof QuotaPath>;
const ProposalPath = z.strictObject({ slug: Slug, id: idOf("quotaProposal") });
type ProposalPath = z.infer<typeof ProposalPath>;

@ApiTags("institutions")
@Controller("api/v1/institutions/:slug/quota")
export class QuotasController {
  constructor(
    private readonly quotas: Quotas,
    private readonly proposals: QuotaProposals,
  ) {}

  @Get()
  @RequireScope("institutions:read")
  @ApiResponse({ status: 200, standardSchema: Quota })
  get(@CurrentViewer() viewer: Viewer, @Param({ schema: QuotaPath }) { slug }: QuotaPath): Promise<Quota> {
    return this.quotas.get(viewer, slug);
  }

  @Post("preview")
  @HttpCode(200)
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: QuotaEffect })
  preview(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: QuotaPath }) { slug }: QuotaPath,
    @Body({ schema: PreviewQuota }) body: PreviewQuota,
  ): Promise<QuotaEffect> {
    return this.quotas.preview(viewer, slug, body.limits);
  }

  @Get("proposals")
  @RequireScope("institutions:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(QuotaProposal) })
  list(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: QuotaPath }) { slug }: QuotaPath,
    @Query({ schema: ListQuotaProposals }) query: ListQuotaProposals,
  ): Promise<Page<QuotaProposal>> {
    return this.proposals.list(viewer, slug, query);
  }

  @Post("proposals")
  @RequireScope("institutions:write")
  @ApiResponse({ status: 201, standardSchema: QuotaProposal })
  propose(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: QuotaPath }) { slug }: QuotaPath,
    @Body({ schema: ProposeQuota }) body: ProposeQuota,
  ): Promise<QuotaProposal> {
    return this.proposals.propose(viewer, slug, body);
  }

  @Post("proposals/:id/approve")
  @HttpCode(200)
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: QuotaProposal })
  approve(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: ProposalPath }) { slug, id }: ProposalPath,
    @Body({ schema: DecideQuota }) body: DecideQuota,
  ): Promise<QuotaProposal> {
    return this.proposals.decide(viewer, slug, id, "approve", body);
  }

  @Post("proposals/:id/reject")
  @HttpCode(200)
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: QuotaProposal })
  reject(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: ProposalPath }) { slug, id }: ProposalPath,
    @Body({ schema: DecideQuota }) body: DecideQuota,
  ): Promise<QuotaProposal> {
    return this.proposals.decide(viewer, slug, id, "reject", body);
  }

  @Post("proposals/:id/withdraw")
  @HttpCode(200)
  @RequireScope("institutions:write")
  @ApiResponse({ status: 200, standardSchema: QuotaProposal })
  withdraw(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: ProposalPath }) { slug, id }: ProposalPath,
    @Body({ schema: DecideQuota }) body: DecideQuota,
  ): Promise<QuotaProposal> {
    return this.proposals.decide(viewer, slug, id, "withdraw", body);
  }
}
