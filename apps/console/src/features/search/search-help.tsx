import { SEARCH_FIELDS, SEARCH_TERMS } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";

interface SearchHelpProps {
  readonly isOpen: boolean;
  readonly onTry: (q: string) => void;
}

/** What can be asked, each with an example that asks it. */
export function SearchHelp({ isOpen, onTry }: SearchHelpProps) {
  const { t } = useTranslation("search");
  return (
    <details className="zg-search-help" open={isOpen}>
      <summary>{t("help.title")}</summary>
      <p>{t("help.words")}</p>
      <p>{t("help.phrase")}</p>
      <p>{t("help.terms")}</p>
      <dl>
        {SEARCH_FIELDS.map((field) => (
          <div key={field}>
            <dt>
              <button type="button" className="zg-link-button" onClick={() => onTry(SEARCH_TERMS[field].example)}>
                <code>{SEARCH_TERMS[field].example}</code>
              </button>
            </dt>
            <dd>{t(`help.term.${field}`)}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}
