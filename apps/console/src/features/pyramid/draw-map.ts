import type { Pyramid, VersionState } from "@ziggurat/contracts";
import type { Family } from "./family.js";
import type { MapLayout } from "./map-layout.js";
import type { MapLine } from "./map-lines.js";

export interface MapColours {
  readonly tiers: readonly [string, string, string];
  readonly bands: readonly [string, string, string];
  readonly ground: string;
  readonly text: string;
  readonly quiet: string;
  readonly bad: string;
  readonly edge: string;
  readonly onAccent: string;
}

export interface MapScene {
  readonly pyramid: Pyramid;
  readonly layout: MapLayout;
  readonly family: Family | null;
  readonly selected: number;
  readonly current: number;
  readonly lines: readonly MapLine[];
  readonly labelOf: (index: number) => string;
  readonly blockLabelOf: (institution: number, count: number) => string;
  readonly countOf: (count: number) => string;
}

const SOLID: readonly VersionState[] = ["released", "deprecated"];
const TROUBLED: readonly VersionState[] = ["recalled", "quarantined"];

/** Draws what of the map lies in view. Colour says the tier; a filled, tinted or hollow cell says the state. */
export function drawMap(
  context: CanvasRenderingContext2D,
  scene: MapScene,
  view: { scrollTop: number; width: number; height: number },
  colours: MapColours,
): void {
  const { layout, pyramid } = scene;
  context.clearRect(0, 0, view.width, view.height);
  context.save();
  context.translate(0, -view.scrollTop);
  context.font = "12px system-ui, sans-serif";
  context.textBaseline = "middle";
  drawLines(context, scene.lines, colours);
  drawBlockNames(context, scene, view, colours);
  for (const index of layout.order) {
    const y = layout.y[index] ?? 0;
    if (y + (layout.cellHeight[index] ?? 0) < view.scrollTop || y > view.scrollTop + view.height) continue;
    const isLit = scene.family === null || scene.family.mask[index] === 1;
    context.globalAlpha = isLit ? 1 : 0.18;
    drawCell(context, scene, index, colours, pyramid.state[index] ?? "draft");
  }
  context.globalAlpha = 1;
  drawCounts(context, scene, colours);
  drawRing(context, layout, scene.selected, colours.text, 2.5);
  if (scene.current !== scene.selected) drawRing(context, layout, scene.current, colours.edge, 1.5);
  context.restore();
}

function drawCell(context: CanvasRenderingContext2D, scene: MapScene, index: number, colours: MapColours, state: VersionState): void {
  const { layout, pyramid } = scene;
  const x = layout.x[index] ?? 0;
  const y = layout.y[index] ?? 0;
  const width = layout.cellWidth[index] ?? 0;
  const height = layout.cellHeight[index] ?? 0;
  const tier = pyramid.tier[index] ?? 0;
  const isTroubled = TROUBLED.includes(state);
  const colour = isTroubled ? colours.bad : (colours.tiers[tier] ?? colours.text);
  const isSolid = SOLID.includes(state);
  const isCard = width > 40;
  context.fillStyle = isSolid || (isTroubled && !isCard) ? colour : colours.ground;
  context.fillRect(x, y, width, height);
  if (!isSolid) {
    if (!isTroubled && state !== "draft") {
      const before = context.globalAlpha;
      context.globalAlpha = before * (isCard ? 0.16 : 0.5);
      context.fillStyle = colour;
      context.fillRect(x, y, width, height);
      context.globalAlpha = before;
    }
    if (width >= 6) {
      context.strokeStyle = colour;
      context.lineWidth = 1;
      if (isCard && state === "draft") context.setLineDash([3, 2]);
      context.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
      context.setLineDash([]);
    }
  }
  if (isTroubled && width >= 6) {
    context.strokeStyle = isCard ? colour : colours.ground;
    context.beginPath();
    const edge = Math.min(width, height);
    const left = isCard ? x + width - edge : x;
    context.moveTo(left + edge * 0.3, y + edge * 0.3);
    context.lineTo(left + edge * 0.7, y + edge * 0.7);
    context.moveTo(left + edge * 0.7, y + edge * 0.3);
    context.lineTo(left + edge * 0.3, y + edge * 0.7);
    context.stroke();
  }
  if (isCard) {
    context.fillStyle = isSolid ? colours.onAccent : colours.text;
    context.fillText(clip(context, scene.labelOf(index), width - 16), x + 8, y + height / 2 + 0.5);
  }
}

function drawBlockNames(
  context: CanvasRenderingContext2D,
  scene: MapScene,
  view: { scrollTop: number; height: number },
  colours: MapColours,
): void {
  context.fillStyle = colours.quiet;
  for (const block of scene.layout.blocks) {
    if (block.y + block.height < view.scrollTop || block.y > view.scrollTop + view.height) continue;
    context.fillText(clip(context, scene.blockLabelOf(block.institution, block.count), block.width + 12), block.x, block.y + 8);
  }
}

/** Behind cells and names, and thin, so that the lines of many blocks hide neither. */
function drawLines(context: CanvasRenderingContext2D, lines: readonly MapLine[], colours: MapColours): void {
  for (const line of lines) {
    context.strokeStyle = colours.text;
    context.globalAlpha = "count" in line.to ? 0.35 : 0.55;
    context.lineWidth = "count" in line.to ? Math.min(5, 1.25 + Math.log2(line.to.count) / 2) : 1.25;
    const bend = (line.fromY - line.toY) / 2;
    context.beginPath();
    context.moveTo(line.fromX, line.fromY);
    context.bezierCurveTo(line.fromX, line.fromY - bend, line.toX, line.toY + bend, line.toX, line.toY);
    context.stroke();
  }
  context.globalAlpha = 1;
}

/** Over everything: how many versions of its block a line stands for. */
function drawCounts(context: CanvasRenderingContext2D, { lines, countOf }: MapScene, colours: MapColours): void {
  for (const { to, toX, toY } of lines) {
    if (!("count" in to)) continue;
    const text = countOf(to.count);
    const width = context.measureText(text).width + 8;
    context.fillStyle = colours.ground;
    context.fillRect(toX - width / 2, toY + 3, width, 16);
    context.fillStyle = colours.text;
    context.fillText(text, toX - width / 2 + 4, toY + 11.5);
  }
}

function drawRing(context: CanvasRenderingContext2D, layout: MapLayout, index: number, colour: string, thickness: number): void {
  if (index < 0 || Number.isNaN(layout.x[index] ?? Number.NaN)) return;
  context.strokeStyle = colour;
  context.lineWidth = thickness;
  const grow = thickness / 2 + 1;
  context.strokeRect(
    (layout.x[index] ?? 0) - grow,
    (layout.y[index] ?? 0) - grow,
    (layout.cellWidth[index] ?? 0) + 2 * grow,
    (layout.cellHeight[index] ?? 0) + 2 * grow,
  );
}

function clip(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  let kept = text.length - 1;
  while (kept > 1 && context.measureText(`${text.slice(0, kept)}…`).width > width) kept -= 1;
  return `${text.slice(0, kept)}…`;
}
