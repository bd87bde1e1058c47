import type { Summary } from "./summary";

export function renderPage(summary: Summary): string {
  return `<!doctype html><title>${summary.pipeline.name}</title><pre>${JSON.stringify(summary, null, 2)}</pre>`;
}
