import { useComputedColorScheme } from "@mantine/core";
import { type Pyramid, parseVersionRef, TIERS } from "@ziggurat/contracts";
import { type KeyboardEvent, type PointerEvent, useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { TierMark } from "../../ui/tier-mark.js";
import { drawMap, type MapColours } from "./draw-map.js";
import { childrenOf, familyOf } from "./family.js";
import { cellAt, type Direction, layoutMap, neighbourOf } from "./map-layout.js";
import { MapLineList } from "./map-line-list.js";
import { linesOf } from "./map-lines.js";

interface PyramidMapProps {
  readonly pyramid: Pyramid;
  readonly shown: readonly number[];
  readonly selected: number;
  readonly onSelect: (index: number) => void;
}

const ARROWS: Readonly<Record<string, Direction>> = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };
const ZOOM_STEP = 1.25;
const zoomedIn = (zoom: number) => Math.min(6, zoom * ZOOM_STEP);
const zoomedOut = (zoom: number) => Math.max(0.25, zoom / ZOOM_STEP);

/** Three bands of cells, no lines at rest. Hover or arrows light a family; click or Enter pins it. */
export function PyramidMap({ pyramid, shown, selected, onSelect }: PyramidMapProps) {
  const { t } = useTranslation("pyramid");
  const words = useWords();
  const formats = useFormats();
  const theme = useComputedColorScheme();
  const host = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const [size, setSize] = useState({ width: 0, height: 0 });
  const [zoom, setZoom] = useState(1);
  const [hovered, setHovered] = useState(-1);
  const [current, setCurrent] = useState(-1);
  const children = useMemo(() => childrenOf(pyramid.parent), [pyramid]);
  const layout = useMemo(() => layoutMap(pyramid, shown, { width: size.width, height: size.height, zoom }), [pyramid, shown, size, zoom]);
  const pinned = useMemo(() => (selected < 0 ? null : familyOf(selected, pyramid.parent, children)), [selected, pyramid, children]);
  const lit = hovered >= 0 ? hovered : selected >= 0 ? selected : current;
  const family = useMemo(
    () => (lit < 0 ? null : lit === selected ? pinned : familyOf(lit, pyramid.parent, children)),
    [lit, selected, pinned, pyramid, children],
  );
  const lines = useMemo(() => (family ? linesOf(family, layout, pyramid.institution) : []), [family, layout, pyramid]);

  useLayoutEffect(() => {
    const element = host.current;
    if (!element) return;
    const measure = () =>
      setSize({ width: element.clientWidth, height: Math.max(360, window.innerHeight - element.getBoundingClientRect().top - 32) });
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => observer.disconnect();
  }, []);

  // React listens passively, and then the browser zooms the whole page as well.
  useEffect(() => {
    const element = host.current;
    const onWheel = (event: WheelEvent) => {
      if (!event.ctrlKey) return;
      event.preventDefault();
      setZoom(event.deltaY < 0 ? zoomedIn : zoomedOut);
    };
    element?.addEventListener("wheel", onWheel, { passive: false });
    return () => element?.removeEventListener("wheel", onWheel);
  }, []);

  const scene = {
    pyramid,
    layout,
    family,
    selected,
    current,
    lines,
    labelOf: (index: number) => {
      const { slug, namespace, number } = parseVersionRef(pyramid.ref[index] ?? "");
      return `${(pyramid.institution[index] ?? -1) >= 0 ? slug : `${namespace}/${slug}`} ${t("versionNumber", { number })}`;
    },
    blockLabelOf: (institution: number, count: number) => `${pyramid.institutions[institution]?.name ?? ""} · ${formats.number(count)}`,
    countOf: (count: number) => formats.number(count),
  };
  const latest = useRef(scene);
  latest.current = scene;
  const frame = useRef(0);
  const paint = () => {
    cancelAnimationFrame(frame.current);
    frame.current = requestAnimationFrame(() => {
      const element = host.current;
      const target = canvas.current;
      const context = target?.getContext("2d", { willReadFrequently: true });
      if (!element || !target || !context) return;
      const scale = window.devicePixelRatio || 1;
      const view = { scrollTop: element.scrollTop, width: element.clientWidth, height: element.clientHeight };
      if (target.width !== Math.round(view.width * scale) || target.height !== Math.round(view.height * scale)) {
        target.width = Math.round(view.width * scale);
        target.height = Math.round(view.height * scale);
        target.style.width = `${view.width}px`;
        target.style.height = `${view.height}px`;
      }
      context.setTransform(scale, 0, 0, scale, 0, 0);
      drawMap(context, latest.current, view, coloursOf(element));
    });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: the scene is read from the ref when the frame comes; these are what it is made of
  useEffect(paint, [layout, family, selected, current, lines, theme, words.t]);
  useEffect(() => () => cancelAnimationFrame(frame.current), []);

  const at = (event: PointerEvent<HTMLDivElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    return cellAt(layout, event.clientX - box.left, event.clientY - box.top + event.currentTarget.scrollTop);
  };
  const reveal = (index: number) => {
    const element = host.current;
    const y = layout.y[index] ?? Number.NaN;
    if (!element || Number.isNaN(y)) return;
    if (y < element.scrollTop + 8) element.scrollTop = y - 60;
    else if (y > element.scrollTop + element.clientHeight - 40) element.scrollTop = y - element.clientHeight + 80;
  };
  const isOpened = useRef(false);
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the size is known: what the address selects is brought into view
  useEffect(() => {
    if (isOpened.current || size.width === 0) return;
    isOpened.current = true;
    reveal(selected);
  }, [size]);
  const onKeyDown = (event: KeyboardEvent) => {
    const direction = ARROWS[event.key];
    if (direction) {
      const next = neighbourOf(layout, current >= 0 ? current : selected, direction);
      setCurrent(next);
      reveal(next);
    } else if (event.key === "Enter" && current >= 0) onSelect(current);
    else if (event.key === "Escape") {
      setCurrent(-1);
      onSelect(-1);
    } else if (event.key === "+" || event.key === "=") setZoom(zoomedIn);
    else if (event.key === "-") setZoom(zoomedOut);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const bandCount = (count: number, all: number) =>
    count < all
      ? t("versionsOf", { count: all, shown: formats.number(count), total: formats.number(all) })
      : t("versions", { count, total: formats.number(count) });
  const described = current >= 0 ? current : selected;
  return (
    <div className="zg-map-frame">
      <div
        ref={host}
        className="zg-map"
        role="application"
        aria-label={t("mapLabel")}
        aria-describedby="zg-map-current"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the map is one stop of the keyboard; arrows move inside
        tabIndex={0}
        style={{ height: size.height === 0 ? undefined : Math.min(size.height, layout.height + 2) }}
        onScroll={paint}
        onPointerMove={(event) => setHovered(at(event))}
        onPointerLeave={() => setHovered(-1)}
        onClick={(event) => {
          const box = event.currentTarget.getBoundingClientRect();
          const index = cellAt(layout, event.clientX - box.left, event.clientY - box.top + event.currentTarget.scrollTop);
          setCurrent(index);
          onSelect(index === selected ? -1 : index);
        }}
        onKeyDown={onKeyDown}
      >
        <div className="zg-map-inner" style={{ height: layout.height }}>
          {layout.bands.map((band) => {
            const tier = TIERS[band.tier] ?? "foundation";
            return (
              <section
                key={tier}
                className="zg-band"
                data-tier={tier}
                aria-label={words.tierModels(tier)}
                style={{ top: band.top, height: band.height }}
              >
                <h2>
                  <TierMark tier={tier} short /> <span>{words.tierModels(tier)}</span>
                  <span className="zg-quiet zg-number">{bandCount(band.count, pyramid.totals[tier])}</span>
                </h2>
              </section>
            );
          })}
          <canvas ref={canvas} className="zg-map-canvas" />
        </div>
      </div>
      <div className="zg-row zg-map-foot zg-quiet zg-small">
        <Legend />
        <span>{t("mapKeys")}</span>
        <p id="zg-map-current" className="zg-visually-hidden" aria-live="polite">
          {described >= 0
            ? t("currentCell", { ref: pyramid.ref[described], state: words.versionState(pyramid.state[described] ?? "draft") })
            : t("noCell")}
        </p>
        {pinned && <MapLineList pyramid={pyramid} layout={layout} family={pinned} />}
      </div>
    </div>
  );
}

function Legend() {
  const { t } = useTranslation("pyramid");
  return (
    <span className="zg-row">
      {(["released", "sealed", "draft", "recalled"] as const).map((kind) => (
        <span key={kind} className="zg-legend">
          <i data-kind={kind} aria-hidden="true" />
          {t(`legend.${kind}`)}
        </span>
      ))}
    </span>
  );
}

function coloursOf(element: HTMLElement): MapColours {
  const style = getComputedStyle(element);
  const read = (name: string) => style.getPropertyValue(name).trim();
  return {
    tiers: [read("--zg-foundation"), read("--zg-finance"), read("--zg-institution")],
    bands: [read("--zg-foundation-band"), read("--zg-finance-band"), read("--zg-institution-band")],
    ground: read("--zg-ground"),
    text: read("--zg-text"),
    quiet: read("--zg-quiet"),
    bad: read("--zg-bad"),
    edge: read("--zg-edge"),
    onAccent: read("--zg-on-accent"),
  };
}
