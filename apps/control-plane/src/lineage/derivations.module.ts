import { Module } from "@nestjs/common";
import { Derivations } from "./derivations.js";

/** The writing half of lineage, apart from the reading half: the registry writes the graph, and the graph's pages read the registry. */
@Module({ providers: [Derivations], exports: [Derivations] })
export class DerivationsModule {}
