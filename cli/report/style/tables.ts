/** Tables, and how they fold up where there is little room. */
export const tables = `
.frame{container-type:inline-size}
.scroll{overflow-x:auto;margin:0 -4px 8px;padding:2px 4px}
table{border-collapse:collapse;width:100%;font-size:.93rem;margin:4px 0 10px}
caption{text-align:left}
table>caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
th,td{text-align:left;padding:7px 16px 7px 0;border-bottom:1px solid var(--line);vertical-align:baseline;font-weight:400}
thead th{font-weight:600;color:var(--soft);font-size:.84rem;vertical-align:bottom}
th[scope=row]{font-weight:500}
td:last-child,th:last-child{padding-right:0}
.number{text-align:right;white-space:nowrap}
.fixed{white-space:nowrap}
table.short{width:auto;min-width:min(100%,360px)}
table.stack td.lead,table.stack th.lead{color:inherit}
table.stack thead th.lead{color:var(--soft)}
table.stack td.quiet{color:var(--soft)}
tr.below td{color:var(--soft);font-size:.86rem;padding-top:0;overflow-wrap:anywhere}
tr:has(+tr.below)>*{border-bottom:0;padding-bottom:2px}
@container (max-width:600px){
table.stack,table.stack tbody,table.stack td,table.stack th{display:block}
table.stack thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
table.stack tr{display:flex;flex-wrap:wrap;align-items:baseline;gap:2px 12px;padding:9px 0;border-bottom:1px solid var(--line)}
table.stack tr:has(+tr.below){border-bottom:0;padding-bottom:0}
table.stack tr.below{padding-top:2px}
table.stack th[scope=row]{flex:1 1 auto;max-width:100%;padding:0;border:0;font-weight:600;order:-2;overflow-wrap:anywhere}
table.stack td{display:flex;gap:10px;flex:1 1 100%;padding:0;border:0;text-align:left;white-space:normal}
table.stack td>span{min-width:0;overflow-wrap:anywhere}
table.stack td:empty{display:none}
table.stack td.lead{flex:0 0 auto;order:-1}
table.stack td:not(.lead)::before{content:attr(data-label);flex:0 0 10.5em;color:var(--soft)}
table.stack tr.below td::before{content:none}
.fixed{white-space:nowrap}
table.short{width:100%}
}
@media (max-width:700px){.explained{display:none}}
table.metrics th[scope=row] small{color:var(--soft);font-weight:400}
table.metrics thead th{white-space:normal;min-width:5.4em;max-width:9em}
table.metrics th:first-child,table.metrics thead td,table.heat th.feature{position:sticky;left:0;background:var(--page);z-index:1}
table.confusion{width:100%;table-layout:fixed}
table.confusion th,table.confusion td{overflow-wrap:anywhere}
table.confusion td.right{color:var(--good)}table.confusion td.wrong{color:var(--bad)}
table.confusion small{color:var(--soft)}
table.heat{width:auto;border-collapse:separate;border-spacing:2px;font-size:.84rem}
table.heat th,table.heat td{border:0;padding:4px 6px}
table.heat thead th{padding:2px 6px;text-align:center}
table.heat th.feature{text-align:left;padding-left:0;padding-right:12px;max-width:240px}
table.heat td{min-width:62px;text-align:center;border-radius:4px}
table.heat thead th[colspan] span{display:block;border-bottom:2px solid var(--axis);padding-bottom:1px}
table.heat tbody td.heat-3,table.heat tbody td.heat-4{font-weight:650}
table.heat.narrow{border-spacing:1px 2px}
table.heat.narrow th.feature{min-width:15em}
table.heat.narrow tbody td:not(.number){min-width:8px;width:14px;height:24px;padding:0;border-radius:2px;position:relative}
table.heat.narrow thead th{padding:1px 2px;overflow:hidden;text-overflow:clip;max-width:0;white-space:nowrap;text-align:left}
table.heat.narrow thead th[rowspan]{max-width:none;overflow:visible;padding:2px 6px}
table.heat.narrow thead th.feature{padding-left:0;max-width:240px}
table.heat.narrow td.number,table.heat.narrow thead .number{text-align:right;min-width:48px;padding-left:10px}
table.heat.narrow tr.unseen-row th{height:0;padding:0;line-height:0;position:relative}
.heat-0{background:var(--heat-0)}.heat-1{background:var(--heat-1)}.heat-2{background:var(--heat-2)}.heat-3{background:var(--heat-3)}
.heat-4{background:var(--heat-4)}td.heat-4{color:var(--on-strong)}
.heat-none{color:var(--soft);background:repeating-linear-gradient(135deg,var(--grid) 0 2px,transparent 2px 6px)}
@media (max-width:560px){
th,td{padding-right:10px}
table.heat td{min-width:46px;padding:4px 3px}
table.heat th.feature,table.heat.narrow thead th.feature{min-width:0;max-width:128px;font-size:.92em}
}
`;
