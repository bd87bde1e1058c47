/** The report's style sheet: light and dark, from a phone's width to a desk's; nothing is loaded from anywhere. */
export const style = `
:root{color-scheme:light dark;--page:#fbfaf8;--panel:#fff;--ink:#1d2433;--soft:#5c6577;--line:#e4e1db;--grid:#ecebe7;
--dawn:#e8590c;--night:#2f5d9b;--third:#7a4fa3;--good:#2b8a3e;--bad:#c92a2a;--warn:#b8620a;--muted:#b9bec8;
--s1:#e8590c;--s2:#2f5d9b;--s3:#7a4fa3;--s4:#2b8a3e}
@media (prefers-color-scheme:dark){:root{--page:#12151c;--panel:#191d26;--ink:#e7e9ee;--soft:#9aa3b5;--line:#2b303c;--grid:#262b36;
--dawn:#ff8a4c;--night:#74a7ea;--third:#b794e6;--good:#5cc46e;--bad:#ff7b7b;--warn:#f0a64a;--muted:#4a5161;
--s1:#ff8a4c;--s2:#74a7ea;--s3:#b794e6;--s4:#5cc46e}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;font-variant-numeric:tabular-nums}
main{max-width:1080px;margin:0 auto;padding:28px clamp(16px,4vw,40px) 64px}
.brand{display:flex;align-items:center;gap:9px;margin:0 0 22px;font-weight:650;letter-spacing:.01em}
.brand>span:last-child{color:var(--soft);font-weight:450}
.sun{width:20px;height:20px;border-radius:50%;background:linear-gradient(to top,var(--page) 38%,var(--dawn) 38%);box-shadow:inset 0 0 0 1.5px var(--dawn)}
h1{margin:0 0 10px;font-size:clamp(1.5rem,1.1rem + 1.9vw,2.3rem);line-height:1.18;letter-spacing:-.018em;font-weight:680;text-wrap:balance;max-width:26em}
h2{margin:0 0 8px;font-size:1.36rem;letter-spacing:-.01em;line-height:1.25}
h3{margin:26px 0 8px;font-size:1.02rem}
h4{margin:16px 0 5px;font-size:.8rem;font-weight:600;color:var(--soft);text-transform:uppercase;letter-spacing:.05em}
p{margin:0 0 14px;max-width:70ch}
.lead{color:var(--soft);font-size:1.04rem;margin-bottom:24px}
.quiet{color:var(--soft)}
section{margin-top:52px}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(155px,1fr));gap:1px;background:var(--line);border:1px solid var(--line);border-radius:12px;overflow:hidden}
.tile{background:var(--panel);padding:15px 16px 13px;display:flex;flex-direction:column}
.tile b{font-size:1.62rem;line-height:1.2;letter-spacing:-.02em;font-weight:660}
.tile span{font-size:.92rem}
.tile small{color:var(--soft);font-size:.8rem;line-height:1.35;margin-top:2px}
.tile.good small{color:var(--good)}.tile.bad small,.tile.bad b{color:var(--bad)}
.scroll{overflow-x:auto;margin:0 -4px;padding:0 4px 4px}
.scroll>svg{min-width:640px}
table{border-collapse:collapse;width:100%;font-size:.92rem;margin:6px 0 10px}
table.narrow,table.confusion{width:auto;min-width:min(100%,340px)}
th,td{text-align:left;padding:7px 14px 7px 0;border-bottom:1px solid var(--line);vertical-align:top}
th{font-weight:600;color:var(--soft);font-size:.82rem;white-space:nowrap}
td:last-child,th:last-child{padding-right:0}
.number{text-align:right;white-space:nowrap}
tr.below td{color:var(--soft);font-size:.8rem;padding-top:0}
tr:has(+tr.below) td{border-bottom:0;padding-bottom:2px}
.right{color:var(--good)}.wrong{color:var(--bad)}
.badge{display:inline-block;padding:1px 8px;border-radius:99px;font-size:.76rem;font-weight:600;background:color-mix(in srgb,var(--soft) 14%,transparent);color:var(--soft);white-space:nowrap}
.badge.registered,.badge.production,.badge.stable,.badge.deployed,.badge.ok{background:color-mix(in srgb,var(--good) 15%,transparent);color:var(--good)}
.badge.refused,.badge.failed,.badge.alarm,.badge.rejected{background:color-mix(in srgb,var(--bad) 14%,transparent);color:var(--bad)}
.badge.drift,.badge.staging{background:color-mix(in srgb,var(--dawn) 16%,transparent);color:var(--warn)}
.badge.approved{background:color-mix(in srgb,var(--night) 15%,transparent);color:var(--night)}
details{margin-top:12px}
summary{cursor:pointer;color:var(--soft);font-size:.92rem}
summary:hover{color:var(--ink)}
.legend{list-style:none;margin:10px 0 14px;padding:0;display:flex;flex-wrap:wrap;gap:5px 20px;font-size:.9rem}
.legend span{color:var(--soft)}
.key{display:inline-block;width:11px;height:11px;border-radius:3px;margin-right:7px;background:var(--muted)}
.key.m1,.bar.m1{background:var(--night);fill:var(--night)}.key.m2,.bar.m2{background:var(--dawn);fill:var(--dawn)}.key.m3,.bar.m3{background:var(--third);fill:var(--third)}
.key.published,.part.published{background:var(--night);fill:var(--night)}
.key.quarantined,.part.quarantined{background:var(--dawn);fill:var(--dawn)}
.key.duplicates,.part.duplicates{background:var(--third);fill:var(--third)}
.key.waiting,.part.waiting{background:var(--muted);fill:var(--muted)}
.key.lost,.part.lost{background:var(--bad);fill:var(--bad)}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(290px,100%),1fr));gap:22px;margin:10px 0}
.charts.two{grid-template-columns:repeat(auto-fit,minmax(min(380px,100%),1fr))}
figure{margin:0;min-width:0}
figcaption{font-size:.88rem;font-weight:600;margin-bottom:6px}
.ramp{font-weight:400;color:var(--soft);white-space:nowrap}
.ramp i{display:inline-block;width:44px;height:7px;border-radius:4px;background:linear-gradient(to right,var(--night),var(--dawn));margin:0 3px}
.cards{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(330px,100%),1fr));gap:16px;margin-top:26px;align-items:start}
.card{background:var(--panel);border:1px solid var(--line);border-radius:12px;padding:16px 18px;min-width:0}
.card h3{margin:0 0 8px;display:flex;align-items:center;gap:2px}.card h3 .badge{margin-left:8px}
dl{display:grid;grid-template-columns:max-content 1fr;gap:3px 14px;margin:0;font-size:.9rem}
dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
.lineage{font-size:.8rem;margin-top:8px}
.verdict{list-style:none;margin:0;padding:0;font-size:.9rem}
.verdict li{display:flex;gap:10px;align-items:baseline;padding:2px 0}
.verdict li span{flex:1}.verdict li::before{content:"✓";color:var(--good);font-weight:700}
.verdict li.broken::before{content:"✗";color:var(--bad)}.verdict li.broken b{color:var(--bad)}
.verdict small{color:var(--soft)}
.alerts{list-style:none;margin:0;padding:0;display:grid;gap:10px}
.alerts li{border-left:3px solid var(--dawn);background:var(--panel);border-radius:0 9px 9px 0;padding:10px 14px;font-size:.9rem;display:grid;gap:2px 12px;grid-template-columns:max-content 1fr}
.alerts time{color:var(--soft)}.alerts div{grid-column:2;color:var(--soft);display:flex;flex-wrap:wrap;gap:0 14px;overflow-wrap:anywhere}
footer{margin-top:60px;padding-top:14px;border-top:1px solid var(--line);color:var(--soft);font-size:.85rem}
.chart{display:block;width:100%;height:auto;overflow:visible;font-size:12px}
.chart.parts{height:26px;border-radius:7px;overflow:hidden}
.chart text{fill:var(--soft)}.chart .name{fill:var(--ink);font-size:12px}.chart .value{font-size:11px}.chart .label{font-size:11.5px}
.grid{stroke:var(--grid)}.axis{stroke:var(--muted)}
.line{fill:none;stroke-width:2;stroke-linejoin:round;stroke:var(--muted)}
.line.guide{stroke-dasharray:4 4;stroke-width:1.2}
.line.m1{stroke:var(--night)}.line.m2{stroke:var(--dawn)}.line.m3{stroke:var(--third)}
.dot{fill:var(--muted)}.dot.m1{fill:var(--night)}.dot.m2{fill:var(--dawn)}.dot.m3{fill:var(--third)}
.line.muted{stroke-width:1.2;opacity:.8}
.line.s1,.dot.s1{stroke:var(--s1)}.line.s2,.dot.s2{stroke:var(--s2)}.line.s3,.dot.s3{stroke:var(--s3)}.line.s4,.dot.s4{stroke:var(--s4)}
.dot.s1{fill:var(--s1)}.dot.s2{fill:var(--s2)}.dot.s3{fill:var(--s3)}.dot.s4{fill:var(--s4)}
.chart .end{font-size:12px}.chart .end.s1{fill:var(--s1)}.chart .end.s2{fill:var(--s2)}.chart .end.s3{fill:var(--s3)}.chart .end.s4{fill:var(--s4)}
.threshold{stroke:var(--bad);stroke-dasharray:5 4}.chart .threshold-text{fill:var(--bad);font-size:11px}
.mark{stroke:var(--soft);stroke-dasharray:2 3}.chart .mark-text{font-size:11px}
.stage{fill:var(--muted)}.stage.setup{fill:var(--soft)}.stage.ingest{fill:var(--night)}.stage.features{fill:color-mix(in srgb,var(--night) 55%,var(--good))}
.stage.train{fill:var(--dawn)}.stage.registry,.stage.serve{fill:var(--good)}.stage.monitor{fill:var(--third)}
.chart .in-bar{fill:#fff;font-size:11px;pointer-events:none}
@media (prefers-color-scheme:dark){.chart .in-bar{fill:#12151c}}
.cell.calm{fill:color-mix(in srgb,var(--night) calc(var(--strength)*60%),var(--panel))}
.cell.alarming{fill:color-mix(in srgb,var(--dawn) calc(30% + var(--strength)*70%),var(--panel))}
.cell.none{fill:var(--grid)}
.chart .cell-text{fill:var(--ink);font-size:11px}.chart .cell-text.alarming{font-weight:700}
.swarm{fill:color-mix(in srgb,var(--dawn) var(--value),var(--night));opacity:.75}.swarm.none{fill:var(--muted)}
@media (max-width:560px){body{font-size:15px}section{margin-top:42px}.alerts li{grid-template-columns:1fr}.alerts div{grid-column:1}.tile b{font-size:1.4rem}.tiles{grid-template-columns:1fr 1fr}}
@media print{.scroll{overflow:visible}section{break-inside:avoid}}
`;
