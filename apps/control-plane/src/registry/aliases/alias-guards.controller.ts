import { Body, Controller, Get, HttpCode, Param, Post, Put, Query } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import {
  AliasProposal,
  AliasProposalId,
  AliasProtection,
  ApproveAliasChange,
  type Page,
  PageQuery,
  ProposeAliasChange,
  PutAliasProtection,
  pageOf,
  WithdrawAliasChange,
} from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../../platform/database/viewer.js";
import { RequireScope } from "../../platform/http/access.js";
import { CurrentViewer } from "../../platform/http/current-viewer.js";
import { ModelPath } from "../models/models.controller.js";
import { AliasGuards } from "./alias-guards.service.js";
import { AliasProposals } from "./alias-proposals.service.js";
import { AliasPath } from "./aliases.controller.js";

const ProposalPath = z.strictObject({ ...AliasPath.shape, id: AliasProposalId });
type ProposalPath = z.infer<typeof ProposalPath>;

@ApiTags("aliases")
@Controller("api/v1/models/:namespace/:slug")
export class AliasGuardsController {
  constructor(
    private readonly guards: AliasGuards,
    private readonly proposals: AliasProposals,
  ) {}

  @Get("aliases/:alias/protection")
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: AliasProtection })
  protection(@CurrentViewer() viewer: Viewer, @Param({ schema: AliasPath }) path: AliasPath): Promise<AliasProtection> {
    return this.guards.get(viewer, path);
  }

  @Put("aliases/:alias/protection")
  @RequireScope("models:write", "models:release")
  @ApiResponse({ status: 200, standardSchema: AliasProtection })
  protect(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: AliasPath }) path: AliasPath,
    @Body({ schema: PutAliasProtection }) body: PutAliasProtection,
  ): Promise<AliasProtection> {
    return this.guards.put(viewer, path, body);
  }

  @Get("alias-proposals")
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(AliasProposal) })
  ofModel(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: ModelPath }) path: ModelPath,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<AliasProposal>> {
    return this.proposals.list(viewer, path, query);
  }

  @Get("aliases/:alias/proposals")
  @RequireScope("models:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(AliasProposal) })
  ofName(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: AliasPath }) path: AliasPath,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<AliasProposal>> {
    return this.proposals.list(viewer, path, query);
  }

  @Post("aliases/:alias/proposals")
  @RequireScope("models:write", "models:release")
  @ApiResponse({ status: 201, standardSchema: AliasProposal })
  propose(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: AliasPath }) path: AliasPath,
    @Body({ schema: ProposeAliasChange }) body: ProposeAliasChange,
  ): Promise<AliasProposal> {
    return this.proposals.propose(viewer, path, body);
  }

  @Post("aliases/:alias/proposals/:id/approve")
  @HttpCode(200)
  @RequireScope("models:write", "models:release")
  @ApiResponse({ status: 200, standardSchema: AliasProposal })
  approve(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: ProposalPath }) path: ProposalPath,
    @Body({ schema: ApproveAliasChange }) body: ApproveAliasChange,
  ): Promise<AliasProposal> {
    return this.proposals.approve(viewer, path, path.id, body);
  }

  @Post("aliases/:alias/proposals/:id/withdraw")
  @HttpCode(200)
  @RequireScope("models:write", "models:release")
  @ApiResponse({ status: 200, standardSchema: AliasProposal })
  withdraw(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: ProposalPath }) path: ProposalPath,
    @Body({ schema: WithdrawAliasChange }) body: WithdrawAliasChange,
  ): Promise<AliasProposal> {
    return this.proposals.withdraw(viewer, path, path.id, body);
  }
}
