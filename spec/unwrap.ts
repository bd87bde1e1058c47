import { z } from "zod";
import { valueAt } from "./locate";

/** The schema inside defaults, preprocessing and optionality; of a union, the branch that the value selects. */
export function unwrap(schema: unknown, value: unknown): unknown {
  let current = schema;
  for (;;) {
    if (current instanceof z.ZodDefault || current instanceof z.ZodPrefault || current instanceof z.ZodOptional) {
      current = current.unwrap();
    } else if (current instanceof z.ZodPipe) {
      current = current.in instanceof z.ZodTransform ? current.out : current.in;
    } else if (current instanceof z.ZodDiscriminatedUnion) {
      const key = current.def.discriminator;
      const chosen = valueAt(value, [key]);
      current = current.options.find(
        (option) => option instanceof z.ZodObject && option.shape[key]?.safeParse(chosen).success === true,
      );
    } else return current;
  }
}
