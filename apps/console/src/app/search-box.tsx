import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Dataset, Model, pageOf, paths } from "@ziggurat/contracts";
import { type KeyboardEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../lib/api-client.js";
import { to } from "../lib/console-paths.js";
import { useSettled } from "../lib/use-delayed.js";
import { Glyph } from "../ui/glyph.js";
import { TierMark } from "../ui/tier-mark.js";

interface Found {
  readonly path: string;
  readonly ref: string;
  readonly name: string;
  readonly model: Model | null;
}

async function search(q: string, signal: AbortSignal): Promise<Found[]> {
  const query = { q, limit: 6 };
  const [models, datasets] = await Promise.all([
    api.get(paths.models(), pageOf(Model), { query, signal }),
    api.get(paths.datasets(), pageOf(Dataset), { query, signal }),
  ]);
  return [
    ...models.data.map((model) => ({ path: to.model(model.ref), ref: model.ref, name: model.name, model })),
    ...datasets.data.map((dataset) => ({ path: to.dataset(dataset.ref), ref: dataset.ref, name: dataset.name, model: null })),
  ];
}

/** Search over what the viewer may see: `/` enters, arrows choose, Enter opens. */
export function SearchBox() {
  const { t } = useTranslation("shell");
  const navigate = useNavigate();
  const listId = useId();
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const [isOpen, setOpen] = useState(false);
  const q = useSettled(text.trim(), 200);
  const { data: found = [] } = useQuery({
    queryKey: ["search", q],
    enabled: q.length > 0,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => search(q, signal),
  });
  const isShown = isOpen && text.trim().length > 0;
  const go = (path: string) => {
    setOpen(false);
    setText("");
    void navigate({ to: path });
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === "Escape") {
      setOpen(false);
      event.currentTarget.blur();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      setActive((active + step + Math.max(1, found.length)) % Math.max(1, found.length));
    } else if (event.key === "Enter") {
      const choice = found[active];
      if (choice) go(choice.path);
      else if (text.trim()) void navigate({ to: to.models(), search: { q: text.trim() } });
    }
  };
  return (
    <search className="zg-search">
      <Glyph name="search" />
      <input
        id="zg-search"
        type="search"
        role="combobox"
        aria-label={t("search")}
        aria-expanded={isShown}
        aria-controls={listId}
        aria-activedescendant={isShown && found[active] ? `${listId}-${active}` : undefined}
        placeholder={t("search")}
        value={text}
        autoComplete="off"
        onChange={(event) => {
          setText(event.currentTarget.value);
          setActive(0);
          setOpen(true);
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setTimeout(() => setOpen(false), 150)}
        onKeyDown={onKeyDown}
      />
      <kbd className="zg-kbd">/</kbd>
      <div id={listId} role="listbox" aria-label={t("searchResults")} className="zg-search-list" hidden={!isShown}>
        {found.map((item, index) => (
          <div
            key={item.path}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            className="zg-search-item"
            onMouseDown={() => go(item.path)}
          >
            {item.model ? <TierMark tier={item.model.tier} short /> : <Glyph name="queue" />}
            <bdi className="zg-clip">{item.ref}</bdi>
            <bdi className="zg-clip zg-quiet">{item.name}</bdi>
          </div>
        ))}
        {found.length === 0 && <div className="zg-search-item zg-quiet">{t("searchNothing")}</div>}
      </div>
    </search>
  );
}
