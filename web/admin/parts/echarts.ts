/** The parts of ECharts that are used here; a chunk of its own, fetched with the first chart. */
import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import { init, use, type ECharts } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

use([
  BarChart,
  CustomChart,
  LineChart,
  ScatterChart,
  GridComponent,
  MarkLineComponent,
  TooltipComponent,
  CanvasRenderer,
]);

/** Not `init` itself: a module that only hands on what others have is left out of the build, and `use` with it. */
export function drawOn(box: HTMLElement): ECharts {
  return init(box, undefined, { renderer: 'canvas' });
}
