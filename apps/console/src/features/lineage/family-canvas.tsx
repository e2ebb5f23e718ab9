import { useComputedColorScheme } from "@mantine/core";
import {
  Background,
  BaseEdge,
  Controls,
  type Edge,
  type EdgeProps,
  type FitViewOptions,
  getBezierPath,
  Handle,
  MarkerType,
  type Node,
  type NodeProps,
  Position,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import type { TFunction } from "i18next";
import { type KeyboardEvent, type RefObject, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormats } from "../../lib/use-formats.js";
import { useWords } from "../../lib/words.js";
import { CardFace } from "./card-face.js";
import { type Card, type CardLink, type FamilyGraph, groupId } from "./family-graph.js";
import { CARD_HEIGHT, CARD_WIDTH, type FamilyLayout, type PlacedLane, type Step, stepFrom } from "./family-layout.js";

type LaneNode = Node<{ readonly lane: PlacedLane }, "lane">;
/** `opens`: what a click selects in place of the line. */
type DerivationEdge = Edge<{ readonly place: number; readonly opens?: string }, "derivation">;
type CardNode = Node<
  {
    readonly card: Card;
    readonly isSelected: boolean;
    readonly onSelect: (id: string) => void;
    readonly onKey: (event: KeyboardEvent, card: Card) => void;
  },
  "card"
>;

interface FamilyCanvasProps {
  readonly graph: FamilyGraph;
  readonly layout: FamilyLayout;
  readonly selected: string | null;
  readonly onSelect: (id: string | null) => void;
  readonly onToggle: (group: string) => void;
}

const NODE_TYPES = { lane: LaneView, card: CardView };
const FIT = { padding: 0.04, maxZoom: 1 };
/** Below this nothing can be read; a narrow window then opens on the focus and the cards around it. */
const SMALLEST_ZOOM = 0.4;
const FOCUS_ZOOM = 0.8;
const EDGE_TYPES = { derivation: DerivationView };
const ARROWS: Readonly<Record<string, Step>> = { ArrowUp: "up", ArrowDown: "down", ArrowLeft: "left", ArrowRight: "right" };

export function FamilyCanvas(props: FamilyCanvasProps) {
  return (
    <ReactFlowProvider>
      <Canvas {...props} />
    </ReactFlowProvider>
  );
}

/** Draws positions that were decided elsewhere; only here does the theme enter. */
function Canvas({ graph, layout, selected, onSelect, onToggle }: FamilyCanvasProps) {
  const { t } = useTranslation("lineage");
  const words = useWords();
  const formats = useFormats();
  const theme = useComputedColorScheme();
  const flow = useReactFlow();
  const host = useRef<HTMLDivElement>(null);
  const width = useWidth(host);
  // Never lower again: where a page gets shorter, the browser scrolls it, and the card that was acted on with it.
  const [height, setHeight] = useState(0);
  const wanted = Math.min(720, Math.max(420, layout.height + 60));
  if (wanted > height) setHeight(wanted);
  const fit = useMemo(() => fitOf(layout, width ?? 0, height), [layout, width, height]);
  const anchor = useAnchor(layout, fit);

  const focusCard = (id: string) => {
    const placed = layout.cards.find((candidate) => candidate.card.id === id);
    const element = host.current?.querySelector<HTMLElement>(`[data-card="${CSS.escape(id)}"]`);
    if (!placed || !element || !host.current) return;
    element.focus({ preventScroll: true });
    const box = element.getBoundingClientRect();
    const frame = host.current.getBoundingClientRect();
    const isOutside = box.left < frame.left || box.right > frame.right || box.top < frame.top || box.bottom > frame.bottom;
    if (isOutside) void flow.setCenter(placed.x + CARD_WIDTH / 2, placed.y + CARD_HEIGHT / 2, { zoom: flow.getZoom() });
  };
  const onKey = (event: KeyboardEvent, card: Card) => {
    const step = ARROWS[event.key];
    if (step) focusCard(stepFrom(layout, graph.links, card.id, step));
    else if (event.key === "e" && card.group !== undefined && (card.isOpen || card.count?.versions !== null)) {
      anchor.hold(groupId(card.group));
      onToggle(card.group);
    } else if (event.key === "Escape") onSelect(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const select = (id: string) => {
    anchor.hold(id);
    onSelect(id);
  };
  const handlers = useRef({ onKey, select });
  handlers.current = { onKey, select };

  const nodes = useMemo<(LaneNode | CardNode)[]>(
    () => [
      ...layout.lanes.map(
        (lane): LaneNode => ({
          id: `lane ${lane.lane}`,
          type: "lane",
          position: { x: 0, y: lane.y },
          width: lane.width,
          height: lane.height,
          data: { lane },
          selectable: false,
          draggable: false,
          focusable: false,
          zIndex: -1,
        }),
      ),
      ...layout.cards.map(
        ({ card, x, y }): CardNode => ({
          id: card.id,
          type: "card",
          position: { x, y },
          width: CARD_WIDTH,
          height: CARD_HEIGHT,
          draggable: false,
          focusable: false,
          data: {
            card,
            isSelected: card.id === selected,
            onSelect: (id) => handlers.current.select(id),
            onKey: (event, pressed) => handlers.current.onKey(event, pressed),
          },
        }),
      ),
    ],
    [layout, selected],
  );
  const drawn = useMemo(() => graph.links.filter((link) => link.kind !== "member"), [graph]);
  const edges = useMemo<DerivationEdge[]>(
    () =>
      drawn.map((link): DerivationEdge => {
        if (link.kind === "reach") return reachEdge(link, graph, t, formats);
        const isDeclared = link.edges.every((edge) => edge.seal === "declared");
        const isSelected = link.id === selected;
        const [first] = link.edges;
        const relation = first ? words.t(`relation.${first.relation}`) : "";
        const seal = isDeclared ? words.t("sealShort.declared") : words.t("sealShort.sealed");
        return {
          id: link.id,
          type: "derivation",
          data: { place: drawn.filter((other) => other.child === link.child).indexOf(link) },
          source: link.parent,
          target: link.child,
          label: link.edges.length > 1 ? t("edgeCount", { relation, count: link.edges.length }) : `${relation} · ${seal}`,
          ariaLabel: t("edgeLabel", { child: link.child, relation, parent: link.parent, seal }),
          className: `zg-flow-edge${isDeclared ? " zg-flow-declared" : ""}${isSelected ? " zg-flow-selected" : ""}`,
          markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16, color: "var(--zg-edge)" },
          focusable: true,
          zIndex: 0,
        };
      }),
    [graph, drawn, selected, words.t, t, formats],
  );
  return (
    <section ref={host} className="zg-flow" aria-label={t("graphLabel")} style={{ height }}>
      {width !== null && (
        <ReactFlow
          nodes={nodes}
          edges={edges}
          nodeTypes={NODE_TYPES}
          edgeTypes={EDGE_TYPES}
          ariaLabelConfig={{
            "node.a11yDescription.default": "",
            "node.a11yDescription.keyboardDisabled": "",
            "edge.a11yDescription.default": t("edgeHint"),
            "controls.ariaLabel": t("controls"),
            "controls.zoomIn.ariaLabel": t("zoomIn"),
            "controls.zoomOut.ariaLabel": t("zoomOut"),
            "controls.fitView.ariaLabel": t("fitView"),
          }}
          colorMode={theme}
          fitView
          fitViewOptions={fit}
          minZoom={0.15}
          maxZoom={1.75}
          nodesDraggable={false}
          nodesConnectable={false}
          zoomOnDoubleClick={false}
          preventScrolling={false}
          zoomActivationKeyCode={["Control", "Meta"]}
          deleteKeyCode={null}
          disableKeyboardA11y={false}
          onEdgeClick={(_event, edge) => onSelect(edge.data?.opens ?? edge.id)}
          onPaneClick={() => onSelect(null)}
          proOptions={{ hideAttribution: true }}
        >
          <Background color="var(--zg-line)" gap={24} />
          <Controls showInteractive={false} aria-label={t("controls")} fitViewOptions={FIT} />
        </ReactFlow>
      )}
    </section>
  );
}

/** How the picture is shown at first: the whole family where it can be read at that size, and else its focus. */
function fitOf(layout: FamilyLayout, width: number, height: number): FitViewOptions {
  const focus = layout.cards.find(({ card }) => card.isFocus);
  if (focus === undefined || Math.min(width / layout.width, height / layout.height) >= SMALLEST_ZOOM) return FIT;
  return { nodes: [{ id: focus.card.id }], minZoom: FOCUS_ZOOM, maxZoom: FOCUS_ZOOM };
}

/** Width of an element as it was first laid out; null before. */
function useWidth(host: RefObject<HTMLElement | null>): number | null {
  const [width, setWidth] = useState<number | null>(null);
  useLayoutEffect(() => setWidth(host.current?.clientWidth ?? 0), [host]);
  return width;
}

/** A line to a group that was counted and not listed: how many versions of it descend from the parent. */
function reachEdge(link: CardLink, graph: FamilyGraph, t: TFunction<"lineage">, formats: ReturnType<typeof useFormats>): DerivationEdge {
  const count = graph.cards.find((card) => card.id === link.child)?.count?.versions ?? null;
  return {
    id: link.id,
    type: "derivation",
    data: { place: 0, opens: link.child },
    source: link.parent,
    target: link.child,
    ...(count === null ? {} : { label: t("reachCount", { total: formats.number(count) }) }),
    className: "zg-flow-edge zg-flow-reach",
    markerEnd: { type: MarkerType.ArrowClosed, width: 16, height: 16, color: "var(--zg-edge)" },
    focusable: false,
    zIndex: 0,
  };
}

/**
 * Keeps the card that was acted on at its pixel whenever the layout around it changes, also when what it opened comes later. Before
 * anybody acted, or when that card is gone, the whole family is shown again.
 */
function useAnchor(layout: FamilyLayout, fit: FitViewOptions) {
  const { fitView, getViewport, setViewport } = useReactFlow();
  const acted = useRef<string | null>(null);
  const before = useRef(layout);
  useLayoutEffect(() => {
    if (before.current === layout) return;
    const placeIn = (of: FamilyLayout) => of.cards.find(({ card }) => card.id === acted.current);
    const [was, is] = [placeIn(before.current), placeIn(layout)];
    before.current = layout;
    if (was && is) {
      const { x, y, zoom } = getViewport();
      void setViewport({ x: x + (was.x - is.x) * zoom, y: y + (was.y - is.y) * zoom, zoom });
    } else void fitView(fit);
  }, [layout, fit, fitView, getViewport, setViewport]);
  return {
    hold: (id: string | null) => {
      acted.current = id;
    },
  };
}

/** A line whose words stand under the derived card, one below the other where it has several sources, so that none hides another. */
function DerivationView({ data, label, markerEnd, ...ends }: EdgeProps<DerivationEdge>) {
  const [path] = getBezierPath(ends);
  return (
    <BaseEdge path={path} markerEnd={markerEnd} label={label} labelX={ends.targetX} labelY={ends.targetY + 20 + 18 * (data?.place ?? 0)} />
  );
}

function LaneView({ data }: NodeProps<LaneNode>) {
  const { t } = useTranslation("lineage");
  const words = useWords();
  const { lane } = data.lane;
  return (
    <div className="zg-lane" data-lane={lane}>
      <span>{lane === "datasets" ? t("datasetsLane") : words.tierModels(lane)}</span>
    </div>
  );
}

function CardView({ data }: NodeProps<CardNode>) {
  const { card, isSelected } = data;
  return (
    <>
      <Handle type="target" position={Position.Bottom} isConnectable={false} />
      <CardFace
        card={card}
        isSelected={isSelected}
        onSelect={() => data.onSelect(card.id)}
        onKeyDown={(event) => data.onKey(event, card)}
      />
      <Handle type="source" position={Position.Top} isConnectable={false} />
    </>
  );
}
