import { ChatRow, TextRow } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";

/** One row as people read it: a conversation, a text, or else its JSON. */
export function RowView({ value }: { readonly value: unknown }) {
  const { t } = useTranslation("datasets");
  const chat = ChatRow.safeParse(value);
  if (chat.success) {
    return (
      <dl className="zg-chat">
        {chat.data.messages.map((message, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: messages of a row have an order and nothing else
          <div key={index} data-role={message.role}>
            <dt>{t(`role.${message.role}`)}</dt>
            <dd dir="auto">{message.content}</dd>
          </div>
        ))}
      </dl>
    );
  }
  const text = TextRow.safeParse(value);
  if (text.success) {
    return (
      <p className="zg-text-row" dir="auto">
        {text.data.text}
      </p>
    );
  }
  return <pre className="zg-text-row">{JSON.stringify(value, null, 1)}</pre>;
}
