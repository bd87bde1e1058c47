/** Charts: what is drawn has the page's colours, what is written the page's type. */
export const charts = `
figure{margin:0;min-width:0}
figcaption{font-weight:600;margin-bottom:8px;overflow-wrap:anywhere}
figcaption small{display:block;font-weight:400;color:var(--soft);line-height:1.4;margin-top:2px}
.charts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(205px,100%),1fr));gap:26px;margin:14px 0}
.charts figure{display:flex;flex-direction:column}.charts figcaption{flex:1 0 auto}
.charts.two{grid-template-columns:repeat(auto-fit,minmax(min(380px,100%),1fr));align-items:start;max-width:1000px}
.charts.two>:only-child{max-width:640px}
.legend{list-style:none;margin:8px 0 12px;padding:0;display:flex;flex-wrap:wrap;gap:4px 20px;font-size:.9rem}
.legend li{display:flex;align-items:baseline;gap:0 7px;min-width:0;overflow-wrap:anywhere}
.legend small{color:var(--soft)}
.key{flex:none;display:inline-block;width:11px;height:11px;border-radius:3px;background:var(--grey);margin-right:7px}
.legend .key{margin-right:0}
.narrow-only{display:none}
@media (max-width:700px){.narrow-only{display:flex}}

.plot{font-size:.8rem;line-height:1.3;color:var(--soft)}
.plot .y-name{margin:0 0 9px}.plot .x-name{text-align:center;margin:25px 0 0 40px}
.plot .canvas{position:relative;height:300px;margin:0 14px 0 40px}
.plot.square .canvas{height:auto;aspect-ratio:1}
.plot svg{position:absolute;inset:0;width:100%;height:100%;overflow:visible}
.plot svg path,.swarm path{fill:none;vector-effect:non-scaling-stroke}
.plot .grid{stroke:var(--grid)}.plot .axis,.swarm .axis{stroke:var(--axis)}
.y-tick,.x-tick,.end-note,.mark-note{position:absolute;white-space:nowrap}
.y-tick{right:100%;margin-right:8px;transform:translateY(-50%)}
.x-tick{top:100%;margin-top:6px;transform:translateX(-50%)}
.x-tick.start{transform:translateX(-12px)}.x-tick.end{transform:translateX(calc(12px - 100%))}
.line{stroke:var(--axis);stroke-width:1;stroke-linejoin:round;stroke-linecap:round}
.line.guide{stroke-dasharray:4 4}
.dot{stroke:var(--axis);stroke-width:4;stroke-linecap:round}
.line.m1,.line.m2,.line.m3{stroke-width:2}.line.s1,.line.s2,.line.s3,.line.s4{stroke-width:1.4}
.dot.m1,.dot.m2,.dot.m3,.dot.s1,.dot.s2,.dot.s3,.dot.s4{stroke-width:7}
.line.m1,.dot.m1,.line.s2,.dot.s2{stroke:var(--blue)}.line.m2,.dot.m2,.line.s1,.dot.s1{stroke:var(--orange)}
.plot.dense .dot{stroke-width:4.5}
.line.m3,.dot.m3,.line.s3,.dot.s3{stroke:var(--purple)}.line.s4,.dot.s4{stroke:var(--teal)}
.threshold{stroke:var(--bad);stroke-dasharray:5 4}
.end-note.limit{color:var(--bad)}.key.limit{height:0;border-radius:0;background:none;border-top:2px dashed var(--bad);align-self:center}
.mark{stroke:var(--soft);stroke-dasharray:2 3}
.mark-note{top:-2px;padding:0 5px;color:var(--ink)}.mark-note.end{transform:translateX(-100%)}
.end-note{left:100%;margin-left:12px;transform:translateY(-50%);width:max-content;max-width:168px;overflow:hidden;text-overflow:ellipsis}
.end-note.s1{color:var(--orange)}.end-note.s2{color:var(--blue)}.end-note.s3{color:var(--purple)}.end-note.s4{color:var(--teal)}
.plot.with-ends .canvas{margin-right:180px}
@container (max-width:640px){
.plot.with-ends .canvas{margin-right:14px}.end-note,.wide-only{display:none}
.plot:not(.square) .canvas{height:240px}
}

.key.m1,.bar.m1,.key.s2{background:var(--blue)}.key.m2,.bar.m2,.key.s1{background:var(--orange)}
.key.m3,.bar.m3,.key.s3{background:var(--purple)}.key.s4{background:var(--teal)}
.key.heat-0{background:var(--heat-0);box-shadow:inset 0 0 0 1px var(--axis)}.key.heat-1{background:var(--heat-1);box-shadow:inset 0 0 0 1px var(--axis)}
.key.heat-2{background:var(--heat-2)}.key.heat-3{background:var(--heat-3)}.key.heat-4{background:var(--heat-4)}
.key.heat-none{box-shadow:inset 0 0 0 1px var(--axis);background:repeating-linear-gradient(135deg,var(--axis) 0 1px,transparent 1px 4px)}
.key.published,.part.published{background:var(--blue)}.key.quarantined,.part.quarantined{background:var(--orange)}
.key.duplicates,.part.duplicates{background:var(--purple)}.key.waiting,.part.waiting{background:var(--grey)}
.key.lost,.part.lost{background:var(--bad)}
.parts{display:flex;gap:2px;height:26px;border-radius:7px;overflow:hidden;background:var(--grid)}
.part{flex:0 1 0;min-width:5px}
.amounts{gap:6px 26px}

.bars{display:grid;gap:3px;min-width:0}
.bar-row{display:flex;align-items:center;gap:8px}
.bar-row .track{flex:1;min-width:0;display:block}
.bar{display:block;height:9px;min-width:1px;border-radius:0 2px 2px 0;background:var(--grey)}
.bar-text{flex:none;min-width:3em;font-size:.82rem;line-height:1.15;color:var(--soft)}
.histogram .bars{gap:1px}
.bar.baseline{background:none;box-shadow:inset 0 0 0 1.5px var(--grey)}.bar.live{background:var(--orange)}
table.histogram{font-size:.88rem}
.histogram th,.histogram td{padding:4px 10px 4px 0;vertical-align:middle;border:0}
.histogram th[scope=row]{width:1%;line-height:1.3}.histogram th .range{white-space:nowrap}.histogram th .category{display:block;width:max-content;max-width:11em}
.histogram .number{width:1%}.histogram td:nth-child(2){border-left:1px solid var(--axis);padding-left:0}
.histogram thead td:nth-child(2){border:0}
.histogram thead .number::before{content:"";display:inline-block;width:10px;height:10px;margin-right:5px;border-radius:2px;background:var(--orange)}
.histogram thead .number:nth-child(3)::before{background:none;box-shadow:inset 0 0 0 1.5px var(--grey)}

.influence th[scope=row]{width:32%;padding-right:20px}
.influence th[scope=row] small{display:block;color:var(--soft);font-weight:400;line-height:1.35}
.influence td{vertical-align:middle}.influence th:nth-child(3),.influence td:nth-child(3){padding-left:18px}.influence td:nth-child(2){width:30%}
.influence thead th{vertical-align:bottom}
.swarm{display:block;width:100%;height:40px;overflow:visible}
.swarm-dots{stroke-width:3.6;stroke-linecap:round;stroke-opacity:.8;stroke:var(--grey)}
.q0{stroke:var(--blue)}.q1{stroke:color-mix(in oklab,var(--orange) 28%,var(--blue))}.q2{stroke:color-mix(in oklab,var(--orange) 50%,var(--blue))}
.q3{stroke:color-mix(in oklab,var(--orange) 72%,var(--blue))}.q4{stroke:var(--orange)}
.swarm-axis{display:flex;justify-content:space-between;font-weight:400;margin-top:4px}
.ramp{white-space:nowrap}
.ramp i{display:inline-block;width:44px;height:8px;border-radius:4px;background:linear-gradient(in oklab to right,var(--blue),var(--orange));margin:0 2px}
@container (max-width:640px){
.influence,.influence tbody,.influence tr,.influence th,.influence td{display:block}
.influence thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.influence tr{padding:10px 0;border-bottom:1px solid var(--line)}
.influence th[scope=row],.influence td,.influence td:nth-child(2){width:auto;padding:2px 0;border:0}
.influence td:nth-child(3){padding-left:0}
}

.gantt{position:relative;display:grid;grid-template-columns:74px minmax(0,1fr);gap:0 10px;font-size:.84rem;color:var(--soft);padding-bottom:24px}
.gantt-name{text-align:right;line-height:30px;color:var(--ink)}
.gantt-track{position:relative;height:30px}
.gantt-grid,.gantt-axis{position:absolute;left:84px;right:0;top:0;bottom:24px}
.gantt-axis{top:auto;bottom:24px;height:0}
.gantt-grid i{position:absolute;top:0;bottom:0;width:1px;background:var(--grid)}
.stage{position:absolute;top:5px;height:20px;min-width:2px;border-radius:3px;background:var(--soft);overflow:hidden;display:flex;flex-wrap:wrap;font-style:normal;line-height:20px;box-shadow:0 0 0 .5px var(--page)}
.stage::before{content:"";width:0;height:20px}
.stage b{font-weight:500;padding:0 6px;white-space:nowrap;color:var(--on-strong);font-size:.78rem}
.stage.ingest,.stage.features{background:var(--blue)}.stage.train{background:var(--orange)}
.stage.registry,.stage.serve{background:var(--teal)}.stage.monitor{background:var(--purple)}
`;
