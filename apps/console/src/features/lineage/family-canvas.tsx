import { useComputedColorScheme } from "@mantine/core";
import {
  Background,
  BaseEdge,
  Controls,
  type Edge,
  type EdgeProps,
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
import type { LineageNode } from "@ziggurat/contracts";
import { type KeyboardEvent, useLayoutEffect, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useWords } from "../../lib/words.js";
import { Glyph } from "../../ui/glyph.js";
import { StateBadge, VersionStateBadge } from "../../ui/state-badge.js";
import { TierMark } from "../../ui/tier-mark.js";
import type { Card, FamilyGraph } from "./family-graph.js";
import { CARD_HEIGHT, CARD_WIDTH, type FamilyLayout, type PlacedLane, type Step, stepFrom } from "./family-layout.js";

type LaneNode = Node<{ readonly lane: PlacedLane }, "lane">;
type DerivationEdge = Edge<{ readonly place: number }, "derivation">;
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
  readonly onToggle: (owner: string) => void;
}

const NODE_TYPES = { lane: LaneView, card: CardView };
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
  const theme = useComputedColorScheme();
  const flow = useReactFlow();
  const host = useRef<HTMLDivElement>(null);
  const anchor = useAnchor(layout);

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
    else if (event.key === "e" && (card.kind === "group" || card.lane === "institution")) {
      anchor.hold(card.id);
      onToggle(card.versions[0]?.owner ?? card.title);
    } else if (event.key === "Escape") onSelect(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const handlers = useRef({ onKey, onSelect });
  handlers.current = { onKey, onSelect };

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
            onSelect: (id) => handlers.current.onSelect(id),
            onKey: (event, pressed) => handlers.current.onKey(event, pressed),
          },
        }),
      ),
    ],
    [layout, selected],
  );
  const edges = useMemo<DerivationEdge[]>(
    () =>
      graph.links.map((link): DerivationEdge => {
        const isDeclared = link.edges.every((edge) => edge.seal === "declared");
        const isSelected = link.id === selected;
        const [first] = link.edges;
        const relation = first ? words.t(`relation.${first.relation}`) : "";
        const seal = isDeclared ? words.t("sealShort.declared") : words.t("sealShort.sealed");
        return {
          id: link.id,
          type: "derivation",
          data: { place: graph.links.filter((other) => other.child === link.child).indexOf(link) },
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
    [graph, selected, words.t, t],
  );
  return (
    <section
      ref={host}
      className="zg-flow"
      aria-label={t("graphLabel")}
      style={{ height: Math.min(720, Math.max(420, layout.height + 60)) }}
    >
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
        fitViewOptions={{ padding: 0.04, maxZoom: 1 }}
        minZoom={0.15}
        maxZoom={1.75}
        nodesDraggable={false}
        nodesConnectable={false}
        zoomOnDoubleClick={false}
        preventScrolling={false}
        zoomActivationKeyCode={["Control", "Meta"]}
        deleteKeyCode={null}
        disableKeyboardA11y={false}
        onEdgeClick={(_event, edge) => onSelect(edge.id)}
        onPaneClick={() => onSelect(null)}
        proOptions={{ hideAttribution: true }}
      >
        <Background color="var(--zg-line)" gap={24} />
        <Controls showInteractive={false} aria-label={t("controls")} />
      </ReactFlow>
    </section>
  );
}

/** Keeps the card that was acted on at its pixel when the layout around it changes. */
function useAnchor(layout: FamilyLayout) {
  const { getViewport, setViewport } = useReactFlow();
  const held = useRef<{ id: string; x: number; y: number } | null>(null);
  const before = useRef(layout);
  useLayoutEffect(() => {
    const anchor = held.current;
    const placed = layout.cards.find(({ card }) => card.id === anchor?.id || card.versions[0]?.owner === anchor?.id.replace("group ", ""));
    if (anchor && placed && before.current !== layout) {
      const { x, y, zoom } = getViewport();
      void setViewport({ x: x + (anchor.x - placed.x) * zoom, y: y + (anchor.y - placed.y) * zoom, zoom });
      held.current = null;
    }
    before.current = layout;
  }, [layout, getViewport, setViewport]);
  return {
    hold: (id: string) => {
      const placed = layout.cards.find(({ card }) => card.id === id);
      held.current = placed ? { id, x: placed.x, y: placed.y } : null;
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
  const { t } = useTranslation("lineage");
  const { card, isSelected } = data;
  const newest = card.versions.at(-1);
  return (
    <>
      <Handle type="target" position={Position.Bottom} isConnectable={false} />
      <button
        type="button"
        className="zg-card nodrag nopan"
        data-card={card.id}
        data-lane={card.lane}
        data-focus={card.isFocus || undefined}
        data-selected={isSelected || undefined}
        aria-pressed={isSelected}
        onClick={() => data.onSelect(card.id)}
        onKeyDown={(event) => data.onKey(event, card)}
      >
        <span className="zg-card-title">
          {card.lane === "datasets" ? <Glyph name="queue" /> : <TierMark tier={card.lane} short />}
          <CardTitle card={card} />
        </span>
        <span className="zg-card-line">
          {card.kind === "group" ? (
            <span>{t("groupContents", { models: card.models, count: card.versions.length })}</span>
          ) : card.kind === "dataset" ? (
            <span className="zg-quiet">{t("dataset")}</span>
          ) : (
            newest?.state && <VersionStateBadge state={newest.state} />
          )}
          {newest && card.kind !== "group" && <GateMark node={newest} />}
        </span>
      </button>
      <Handle type="source" position={Position.Top} isConnectable={false} />
    </>
  );
}

function CardTitle({ card }: { readonly card: Card }) {
  const { t } = useTranslation("lineage");
  if (card.kind === "group") return <bdi className="zg-clip">{card.title}</bdi>;
  const numbers = card.versions.map((node) => Number(node.ref.split("@")[1]));
  const name = card.title.split("@")[0] ?? card.title;
  return (
    <>
      <bdi className="zg-clip" title={name}>
        {name}
      </bdi>
      <span className="zg-card-number">{numbers.map((number) => t("versionNumber", { number })).join(" ")}</span>
    </>
  );
}

function GateMark({ node }: { readonly node: LineageNode }) {
  const { t } = useTranslation("lineage");
  if (node.gates === "passed") return <StateBadge glyph="check" tone="good" word={t("gates.passed")} />;
  if (node.gates === "failed") return <StateBadge glyph="cross" tone="bad" word={t("gates.failed")} />;
  if (node.gates === "open") return <StateBadge glyph="review" tone="warning" word={t("gates.open")} />;
  return null;
}
