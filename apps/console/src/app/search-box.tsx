import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { paths, SEARCH_KINDS, SearchAnswer } from "@ziggurat/contracts";
import { type KeyboardEvent, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "../lib/api-client.js";
import { asProblem } from "../lib/api-problem.js";
import { to } from "../lib/console-paths.js";
import { hitPath, isEnoughToSearch } from "../lib/hit-path.js";
import { useProblemText } from "../lib/problem-text.js";
import { parseSearch } from "../lib/url-state.js";
import { useDelayed, useSettled } from "../lib/use-delayed.js";
import { Glyph } from "../ui/glyph.js";
import { SearchSuggestions } from "./search-suggestions.js";

const OF_EACH_KIND = 4;
const NOTHING: SearchAnswer = { data: [], nextCursor: null, counts: [], parts: [] };

/** Search over all that the viewer may see: `/` enters, arrows choose, Enter opens. The combobox pattern of WAI-ARIA, with a grouped list. */
export function SearchBox() {
  const { t } = useTranslation(["search", "shell"]);
  const problemText = useProblemText();
  const navigate = useNavigate();
  const listId = useId();
  const [text, setText] = useState("");
  const [active, setActive] = useState(0);
  const [isOpen, setOpen] = useState(false);
  const wanted = text.trim();
  const q = useSettled(wanted, 200);
  const read = useQuery({
    queryKey: [paths.search(), "box", q],
    enabled: isEnoughToSearch(q),
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => api.get(paths.search(), SearchAnswer, { signal, query: { q, limit: OF_EACH_KIND } }),
  });
  const isShown = isOpen && isEnoughToSearch(wanted);
  // What came for other words is never opened: it would not be what is read in the box.
  const isFresh = q === wanted && !read.isPlaceholderData && !read.isError;
  const { data, counts } = read.isError ? NOTHING : (read.data ?? NOTHING);
  const hits = SEARCH_KINDS.flatMap((kind) => data.filter((hit) => hit.kind === kind));
  const options = [...hits.map(hitPath), to.search({ q: wanted })];
  const isWaiting = useDelayed(isShown && !isFresh && !read.isError);
  const go = (path: string) => {
    setOpen(false);
    setText("");
    const [page = "/", query = ""] = path.split("?");
    void navigate({ to: page, search: parseSearch(query) });
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") {
      setOpen(false);
      event.currentTarget.blur();
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      setActive((active + (event.key === "ArrowDown" ? 1 : -1) + options.length) % options.length);
    } else if (event.key === "Enter" && wanted !== "") {
      go((isShown && isFresh ? options[active] : undefined) ?? to.search({ q: wanted }));
    }
  };
  return (
    <search className="zg-search">
      <Glyph name="search" />
      <input
        id="zg-search"
        type="search"
        role="combobox"
        aria-label={t("box")}
        aria-autocomplete="list"
        aria-expanded={isShown}
        aria-controls={listId}
        aria-activedescendant={isShown ? `${listId}-${Math.min(active, options.length - 1)}` : undefined}
        placeholder={t("box")}
        value={text}
        maxLength={200}
        autoComplete="off"
        onChange={(event) => {
          setText(event.currentTarget.value);
          setActive(0);
          setOpen(true);
        }}
        onFocus={() => setOpen(true)}
        onBlur={() => setOpen(false)}
        onKeyDown={onKeyDown}
      />
      <kbd className="zg-kbd">/</kbd>
      <div className="zg-search-list" hidden={!isShown}>
        <p className="zg-search-note" role="status">
          {isWaiting && t("looking")}
          {isShown &&
            isFresh &&
            (hits.length === 0 ? t("nothing") : <span className="zg-visually-hidden">{t("found", { count: hits.length })}</span>)}
          {isShown &&
            read.isError &&
            (asProblem(read.error).violations.map(problemText.violation).join(" ") || problemText.title(asProblem(read.error)))}
        </p>
        <SearchSuggestions
          id={listId}
          hits={hits}
          counts={counts}
          active={active}
          onChoose={(index) => go(options[index] ?? to.search())}
        />
      </div>
    </search>
  );
}
