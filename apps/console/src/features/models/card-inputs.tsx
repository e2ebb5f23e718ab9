import { Textarea, TextInput } from "@mantine/core";
import type { CardField, Tier } from "@ziggurat/contracts";
import { useTranslation } from "react-i18next";
import { cardFieldsOf } from "./card-fields.js";

interface CardInputsProps {
  readonly tier: Tier;
  /** What a form binds to the field of this name. */
  readonly inputProps: (field: CardField) => object;
}

/** The fields of a model's card that its tier asks for. */
export function CardInputs({ tier, inputProps }: CardInputsProps) {
  const { t } = useTranslation("models");
  return cardFieldsOf(tier).map(({ field, isLong }) =>
    isLong ? (
      <Textarea key={field} label={t(`card.${field}`)} autosize minRows={2} {...inputProps(field)} />
    ) : (
      <TextInput
        key={field}
        label={t(`card.${field}`)}
        description={field === "languages" ? t("new.languagesRule") : undefined}
        {...inputProps(field)}
      />
    ),
  );
}
