import { z } from "zod";

type Method = (argument: unknown) => Promise<unknown>;

const question = z.object({ id: z.number(), method: z.string(), argument: z.unknown().optional() });

/** Something that a helper process can be asked to do, with an argument of this shape. */
export function method<Shape extends z.ZodType>(
  shape: Shape,
  run: (argument: z.infer<Shape>) => unknown,
): Method {
  return async (argument) => run(shape.parse(argument));
}

/** The helper's side of `helper.ts`: answers what the benchmark asks, and ends with it, however that ends. */
export function serve(methods: Readonly<Record<string, Method>>): void {
  process.on("message", (message) => void answer(message));
  process.on("disconnect", () => process.exit());
  // Ctrl+C reaches the whole group of processes. The benchmark sees to it, and this process ends with that one.
  process.on("SIGINT", () => {});

  async function answer(message: unknown): Promise<void> {
    const { id, method: name, argument } = question.parse(message);
    try {
      process.send?.({ id, value: await methods[name]?.(argument) });
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? error.stack : String(error) });
    }
  }
}
