// Helm 4 as the judge of pairs of charts; see the package pairs. A module of its own: Helm 4 wants newer libraries than Helm 3,
// which would otherwise no longer be the Helm 3 that people run.
package main

import (
	"fmt"
	"strings"

	"helm.sh/helm/v4/pkg/chart/common"
	commonutil "helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	chartutil "helm.sh/helm/v4/pkg/chart/v2/util"
	"helm.sh/helm/v4/pkg/engine"
	release "helm.sh/helm/v4/pkg/release/v1"
	releaseutil "helm.sh/helm/v4/pkg/release/v1/util"

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
	if err := chartutil.ProcessDependencies(c, values); err != nil {
		return rendered, err
	}
	caps := common.DefaultCapabilities
	if c.Metadata.KubeVersion != "" && !chartutil.IsCompatibleRange(c.Metadata.KubeVersion, caps.KubeVersion.String()) {
		return rendered, fmt.Errorf("kubeVersion")
	}
	options := common.ReleaseOptions{Name: "r", Namespace: "n", Revision: 1, IsInstall: true}
	top, err := commonutil.ToRenderValues(c, values, options, caps)
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
