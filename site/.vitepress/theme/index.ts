/** The fonts are the reader's own: the theme's would be half of what a page loads. */
import theme from 'vitepress/theme-without-fonts';
import './pictures.css';

export default theme;
