/** A program without resources: its deployment deletes what an earlier one made, as `pulumi destroy` does. */
export const program = () => ({});
