import { Module } from "@nestjs/common";
import { SearchController } from "./search.controller.js";
import { SearchRepository } from "./search.repository.js";
import { Search } from "./search.service.js";

/** One box over models, versions, datasets, institutions and people. */
@Module({ controllers: [SearchController], providers: [Search, SearchRepository] })
export class SearchModule {}
