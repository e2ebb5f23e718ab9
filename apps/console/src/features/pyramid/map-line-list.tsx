import type { Pyramid } from "@ziggurat/contracts";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../lib/use-formats.js";
import type { Family } from "./family.js";
import type { MapLayout } from "./map-layout.js";
import { linesOf, type MapLine } from "./map-lines.js";

interface MapLineListProps {
  readonly pyramid: Pyramid;
  readonly layout: MapLayout;
  readonly family: Family;
}

/** The lines of the selected version in words, for those who do not see the canvas. */
export function MapLineList({ pyramid, layout, family }: MapLineListProps) {
  const { t } = useTranslation("pyramid");
  const formats = useFormats();
  const lines = useMemo(() => linesOf(family, layout, pyramid.institution), [family, layout, pyramid]);
  const refOf = (index: number) => pyramid.ref[index] ?? "";
  const said = ({ from, to }: MapLine) =>
    "version" in to
      ? t("line.version", { from: refOf(from), to: refOf(to.version) })
      : t("line.block", { name: pyramid.institutions[to.institution]?.name, count: to.count, total: formats.number(to.count) });
  const keyOf = ({ to }: MapLine) => ("version" in to ? refOf(to.version) : `block ${to.institution}`);
  return (
    <ul className="zg-visually-hidden" aria-label={t("line.title", { ref: refOf(family.self) })}>
      {lines.map((line) => (
        <li key={keyOf(line)}>{said(line)}</li>
      ))}
    </ul>
  );
}
