/** A text of pipeline.yaml in Glue's catalog, which takes one line of limited length. The pipeline spec keeps the whole text. */
export function catalogText(text: string, limit: number): string {
  const characters = [...text.trim().replaceAll(/\s+/g, " ")];
  return characters.length <= limit ? characters.join("") : `${characters.slice(0, limit - 1).join("")}…`;
}

/** Glue's limit on the description of a database, in characters (botocore: DescriptionString). */
export const longestDescription = 2048;
/** Glue's limit on the comment of a column, in characters (botocore: CommentString). */
export const longestComment = 255;
