import { Body, Controller, Get, Param, Post, Query } from "@nestjs/common";
import { ApiResponse, ApiTags } from "@nestjs/swagger";
import {
  CreateDataset,
  CreateDatasetVersion,
  Dataset,
  DatasetRows,
  DatasetVersion,
  ListDatasets,
  type Page,
  PageQuery,
  pageOf,
  RowsQuery,
  Slug,
} from "@ziggurat/contracts";
import { z } from "zod";
import type { Viewer } from "../platform/database/viewer.js";
import { RequireScope } from "../platform/http/access.js";
import { CurrentViewer } from "../platform/http/current-viewer.js";
import { DatasetVersions } from "./dataset-versions.service.js";
import { Datasets } from "./datasets.service.js";

const DatasetPath = z.strictObject({ namespace: Slug, slug: Slug });
type DatasetPath = z.infer<typeof DatasetPath>;
const DatasetVersionPath = DatasetPath.extend({ number: z.coerce.number().int().min(1).max(999_999_999) });
type DatasetVersionPath = z.infer<typeof DatasetVersionPath>;

@ApiTags("datasets")
@Controller("api/v1/datasets")
export class DatasetsController {
  constructor(
    private readonly datasets: Datasets,
    private readonly versions: DatasetVersions,
  ) {}

  @Get()
  @RequireScope("datasets:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(Dataset) })
  list(@CurrentViewer() viewer: Viewer, @Query({ schema: ListDatasets }) query: ListDatasets): Promise<Page<Dataset>> {
    return this.datasets.list(viewer, query);
  }

  @Post()
  @RequireScope("datasets:write")
  @ApiResponse({ status: 201, standardSchema: Dataset })
  create(@CurrentViewer() viewer: Viewer, @Body({ schema: CreateDataset }) body: CreateDataset): Promise<Dataset> {
    return this.datasets.create(viewer, body);
  }

  @Get(":namespace/:slug")
  @RequireScope("datasets:read")
  @ApiResponse({ status: 200, standardSchema: Dataset })
  get(@CurrentViewer() viewer: Viewer, @Param({ schema: DatasetPath }) path: DatasetPath): Promise<Dataset> {
    return this.datasets.get(viewer, path.namespace, path.slug);
  }

  @Get(":namespace/:slug/versions")
  @RequireScope("datasets:read")
  @ApiResponse({ status: 200, standardSchema: pageOf(DatasetVersion) })
  listVersions(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: DatasetPath }) path: DatasetPath,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<Page<DatasetVersion>> {
    return this.versions.list(viewer, path.namespace, path.slug, query);
  }

  @Post(":namespace/:slug/versions")
  @RequireScope("datasets:write")
  @ApiResponse({ status: 201, standardSchema: DatasetVersion })
  createVersion(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: DatasetPath }) path: DatasetPath,
    @Body({ schema: CreateDatasetVersion }) body: CreateDatasetVersion,
  ): Promise<DatasetVersion> {
    return this.versions.create(viewer, path.namespace, path.slug, body);
  }

  @Get(":namespace/:slug/versions/:number")
  @RequireScope("datasets:read")
  @ApiResponse({ status: 200, standardSchema: DatasetVersion })
  getVersion(@CurrentViewer() viewer: Viewer, @Param({ schema: DatasetVersionPath }) path: DatasetVersionPath): Promise<DatasetVersion> {
    return this.versions.get(viewer, path);
  }

  @Get(":namespace/:slug/versions/:number/rows")
  @RequireScope("datasets:read")
  @ApiResponse({ status: 200, standardSchema: DatasetRows })
  rows(
    @CurrentViewer() viewer: Viewer,
    @Param({ schema: DatasetVersionPath }) path: DatasetVersionPath,
    @Query({ schema: RowsQuery }) query: z.infer<typeof RowsQuery>,
  ): Promise<DatasetRows> {
    return this.versions.preview(viewer, path, query.offset, query.limit);
  }
}
