// Helm 3 as the judge of pairs of charts; see the package pairs.
package main

import (
	"fmt"
	"strings"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
	"helm.sh/helm/v3/pkg/release"
	"helm.sh/helm/v3/pkg/releaseutil"

	"oracle/pairs"
)

func render(path string, values map[string]interface{}) (pairs.Rendered, error) {
	var rendered pairs.Rendered
	c, err := loader.LoadFile(path)
	if err != nil {
		return rendered, fmt.Errorf("load: %w", err)
	}
	if c.Metadata.Type == "library" {
		return rendered, fmt.Errorf("library charts are not installable")
	}
	if err := missing(c); err != nil {
		return rendered, err
	}
	if err := chartutil.ProcessDependenciesWithMerge(c, values); err != nil {
		return rendered, err
	}
	caps := chartutil.DefaultCapabilities
	if c.Metadata.KubeVersion != "" && !chartutil.IsCompatibleRange(c.Metadata.KubeVersion, caps.KubeVersion.String()) {
		return rendered, fmt.Errorf("kubeVersion")
	}
	top, err := chartutil.ToRenderValues(c, values, chartutil.ReleaseOptions{Name: "r", Namespace: "n", Revision: 1, IsInstall: true}, caps)
	if err != nil {
		return rendered, err
	}
	files, err := engine.Render(c, top)
	if err != nil {
		return rendered, err
	}
	for name := range files {
		if strings.HasSuffix(name, "NOTES.txt") {
			delete(files, name)
		}
	}
	hooks, manifests, err := releaseutil.SortManifests(files, nil, releaseutil.InstallOrder)
	if err != nil {
		return rendered, err
	}
	for _, crd := range c.CRDObjects() {
		rendered.CRDs = append(rendered.CRDs, string(crd.File.Data))
	}
	for _, m := range manifests {
		rendered.Manifests = append(rendered.Manifests, m.Content)
	}
	for _, h := range hooks {
		tests := true
		for _, event := range h.Events {
			tests = tests && event == release.HookTest
		}
		if !tests {
			rendered.Hooks = append(rendered.Hooks, [2]string{fmt.Sprint(h.Events, h.Weight, h.DeletePolicies), h.Manifest})
		}
	}
	return rendered, nil
}

// As action.CheckDependencies.
func missing(c *chart.Chart) error {
	have := map[string]bool{}
	for _, d := range c.Dependencies() {
		have[d.Name()] = true
	}
	for _, d := range c.Metadata.Dependencies {
		if !have[d.Name] {
			return fmt.Errorf("missing dependency %s", d.Name)
		}
	}
	return nil
}

func main() { pairs.Answer(render) }
