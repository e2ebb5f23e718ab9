import { Button, useComputedColorScheme } from "@mantine/core";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useFormats } from "../../lib/use-formats.js";
import type { Curve } from "./chart-data.js";

const HEIGHT_PX = 280;

interface LossChartProps {
  readonly label: string;
  readonly curve: Curve;
  readonly smoothed: readonly number[];
  readonly isLog: boolean;
  readonly range: readonly [number, number] | null;
  readonly onRange: (range: readonly [number, number] | null) => void;
}

/** The raw curve, thin, and its smoothed one. Dragging zooms; the table beside it says the same in figures. */
export default function LossChart({ label, curve, smoothed, isLog, range, onRange }: LossChartProps) {
  const { t } = useTranslation("jobs");
  const formats = useFormats();
  const theme = useComputedColorScheme();
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot | null>(null);
  const data: uPlot.AlignedData = [curve.steps.slice(), curve.values.map(orNull), smoothed.map(orNull)];
  const latest = useRef({ data, onRange, range });
  latest.current = { data, onRange, range };

  // biome-ignore lint/correctness/useExhaustiveDependencies: new points go in through setData below; only looks make a new chart
  useEffect(() => {
    const element = host.current;
    if (!element) return;
    const colour = (name: string) => getComputedStyle(element).getPropertyValue(name).trim();
    const axis: uPlot.Axis = {
      stroke: colour("--zg-quiet"),
      grid: { stroke: colour("--zg-line"), width: 1 },
      ticks: { stroke: colour("--zg-line"), width: 1 },
      font: "12px system-ui, sans-serif",
      values: (_chart, splits) => splits.map((split) => (split === null ? "" : formats.number(split, 4))),
    };
    const made = new uPlot(
      {
        width: element.clientWidth || 600,
        height: HEIGHT_PX,
        legend: { show: true },
        cursor: { drag: { x: true, y: false } },
        scales: { x: { time: false }, y: { distr: isLog ? 3 : 1 } },
        axes: [axis, { ...axis, size: 64 }],
        series: [
          { label: t("metrics.step") },
          { label, stroke: colour("--zg-edge"), width: 1, points: { show: curve.steps.length < 2 }, spanGaps: false },
          { label: t("metrics.smoothed"), stroke: colour("--zg-accent"), width: 2, points: { show: false }, spanGaps: true },
        ],
        hooks: {
          setSelect: [
            (self) => {
              if (self.select.width < 4) return;
              const from = Math.round(self.posToVal(self.select.left, "x"));
              const until = Math.round(self.posToVal(self.select.left + self.select.width, "x"));
              latest.current.onRange([from, until]);
            },
          ],
        },
      },
      latest.current.data,
      element,
    );
    if (latest.current.range) made.setScale("x", { min: latest.current.range[0], max: latest.current.range[1] });
    made.over.addEventListener("dblclick", () => latest.current.onRange(null));
    chart.current = made;
    const observer = new ResizeObserver(() => made.setSize({ width: element.clientWidth, height: HEIGHT_PX }));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      chart.current = null;
    };
  }, [theme, isLog, label, formats, t]);

  const last = curve.steps.at(-1);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the data is read from the ref, these are what it is made of
  useEffect(() => {
    const made = chart.current;
    if (!made) return;
    made.setData(latest.current.data, latest.current.range === null);
    if (range) made.setScale("x", { min: range[0], max: range[1] });
  }, [curve, smoothed, range]);

  return (
    <div className="zg-stack zg-stack-tight">
      <div
        ref={host}
        className="zg-chart"
        role="img"
        aria-label={t("metrics.describe", { label, step: last === undefined ? "–" : formats.number(last) })}
      />
      {range && (
        <div className="zg-row">
          <span className="zg-quiet zg-small">
            {t("metrics.range", { from: formats.number(range[0]), until: formats.number(range[1]) })}
          </span>
          <Button variant="default" onClick={() => onRange(null)}>
            {t("metrics.whole")}
          </Button>
        </div>
      )}
    </div>
  );
}

function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
