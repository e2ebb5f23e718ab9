import { EvaluateHyperparameters, HYPERPARAMETERS } from "@ziggurat/contracts";
import { expect, it } from "vitest";
import { EVALUATION, financeRecipe, foundationRecipe, taskRecipe } from "./recipes.js";

const recipes = [
  foundationRecipe,
  financeRecipe,
  taskRecipe("full", false),
  taskRecipe("lora", false),
  taskRecipe("full", true),
  taskRecipe("lora", true),
];

it.each(recipes)("the $method recipe is one the platform's contract accepts", (recipe) => {
  expect(HYPERPARAMETERS[recipe.method].safeParse(recipe.hyperparameters).error).toBeUndefined();
});

it("parents are scored with settings that the contract accepts", () => {
  expect(EvaluateHyperparameters.safeParse(EVALUATION).error).toBeUndefined();
});
