/** On paper: light, in colour, everything unfolded, and no page breaks within a part. */
export const print = `
@media print{
@page{size:A4;margin:14mm 13mm}
:root{color-scheme:light;--page:#fff}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
body{font-size:10.5pt;padding:0;max-width:none}
nav{display:none}
.cards{grid-template-columns:1fr}
section{margin-top:26px}
h2,h3,h4,h5,figcaption,summary,caption,.legend,p:has(+.frame,+.scroll,+table,+.charts){break-after:avoid}
figure,table,tr,li,.tile,.tiles,.frame,.card,.verdict,dl>div,.scroll,.legend{break-inside:avoid}
p{orphans:3;widows:3}
.scroll{overflow:visible;margin:0;padding:0}
details{display:block}
details::details-content{content-visibility:visible;display:block;block-size:auto;overflow:visible}
summary{list-style:none;color:var(--ink);font-weight:600}
summary::-webkit-details-marker{display:none}
}
`;
