declare module "asl-validator" {
  /** Checks a definition in Amazon States Language. */
  export default function validate(definition: object): { isValid: boolean; errorsText(separator?: string): string };
}
